/** Sentences for analysts on pages, pictures of text (SVG) and scripts, by rule. */
export const WEB_EXPLANATIONS = {
  Hta_Application:
    'An HTA runs outside the browser’s sandbox with the user’s rights (T1218.005): hardly ever sent honestly; read its scripts.',
  Hta_Script_With_Shell:
    'An HTA script with WScript.Shell, file objects or a command line (T1218.005, T1059): extract command and addresses.',
  Html_Clipboard_Command:
    'A page writes a command line to the clipboard: ClickFix, often with a fake captcha (T1204.004): decode the command, check who pasted it.',
  Html_Encoded_Page:
    'The real page is base64, escapes or character sums written by script (T1027): decode, then judge forms and redirects; phishing kits do it.',
  Html_Help_Shortcut_Command:
    'An HHCtrl shortcut object runs a program from compiled help (T1218.001): the item parameter is the command line.',
  Html_Hidden_Download:
    'A blob or data link makes the browser save an archive or document from the page (T1027.006); some exports do it: judge the member.',
  Html_Link_To_File_Share:
    'file: or UNC references in the page; loaded by frames or pictures they leak the NTLM hash (T1187): check the host.',
  Html_Only_Redirects:
    'A near-empty page with refresh or immediate forwarding as attachment (T1566.001): judge the target and its parameters.',
  Html_Only_Redirects_By_Script:
    'A near-empty page whose script sets the location (T1566.001): run it in a sandbox; mail addresses in the fragment mark phishing.',
  Html_Password_Form:
    'A password field that posts to a server, in a page that came as a file (T1566.001, T1056.003): check target host against the brand shown.',
  Html_Password_To_Form_Service:
    'Password field posting to a form service, Telegram or Discord (T1056.003, T1567): a phishing kit; report the service’s account or token.',
  Html_Program_Scheme:
    'Office or other application schemes with a foreign file (T1204.001): check what the address makes the program open.',
  Html_Script_With_Shell:
    'ActiveX shell, file or stream objects in page script (T1059): works in old hosts and when saved as HTA; extract the command.',
  Html_Smuggled_File:
    'HTML smuggling: a program, image or risky archive is assembled and saved by the browser (T1027.006): analyse the decoded member.',
  Html_System_Scheme:
    'ms-msdt, search-ms or the like from a page (T1202, CVE-2022-30190): decode the arguments, find what set it off.',
  Script_Plain_Type:
    'A script by type without a rule of behaviour; developers send such files: read it where the sender is unknown (T1059).',
  Script_Type_Runs_On_Click:
    'A type such as .wsf, .vbe or .jse that Windows runs on double click (T1204.002, T1059): deobfuscate and read it.',
  Svg_Active_Script:
    'SVG script that redirects, fetches or decodes (T1027.017): opens in the browser; decode and judge the target.',
  Svg_Page_Inside:
    'foreignObject with a form, password field or frame: a phishing page as picture (T1027.017, T1056.003): judge the target.',
  Svg_Script:
    'SVG script without leaving or decoding; interactive charts have it: no further step unless the mail is unusual.',
  Svg_Veiled_Script:
    'Obfuscated SVG script or a smuggled file in it (T1027.017, T1027.006): deobfuscate, follow the address or member.',
  Xml_Script:
    'WSF, SCT, XSL or MSC with script but without grave calls (T1059): rare as attachment; read what it does.',
  Xml_Script_Component:
    'Scriptlet or stylesheet whose script starts programs, as for regsvr32 or wmic (T1218.010, T1220): extract the command.',
} as const;
