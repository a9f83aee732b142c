/** Sentences for analysts on PDF, archives, mail, names, shortcuts and codes in pictures, by rule. */
export const DOCUMENT_EXPLANATIONS = {
  Archive_Hidden_Member:
    'A zip member missing from the central directory, or differing there from its local header: two tools see two files (T1027, T1036); compare both.',
  Image_Code_Starts_Program:
    'A QR or bar code holds a script or application scheme (T1204.001): decode it; a phone is the likely target, outside the reach of mail filters.',
  Image_Code_With_Text:
    'A QR or bar code with plain text, such as a payment, ticket or wireless key; informational: read it where the mail asks to scan it.',
  Mail_External_Body:
    'message/external-body: the part is fetched from elsewhere and was not scanned (T1566); hardly any client follows it today: check the source.',
  Mail_Partial_Message:
    'message/partial splits a mail so that each piece passes scanners (T1027): collect all pieces with the same id and join them.',
  Mail_Two_Encodings:
    'Repeated or conflicting Content-Transfer-Encoding: parsers disagree on the content (T1027); broken senders do it too: compare both readings.',
  Mail_Two_Names:
    'Content-Type name and Content-Disposition filename differ, one executable: filters and clients see different names (T1036.008).',
  Name_Archive_As_Picture:
    'Archive or disk image content behind a media name: hides from filters, something else renames it (T1036.008); polyglots look so too.',
  Name_Archive_As_Text:
    'Archive content behind a text name; export scripts do it by mistake: see the members for anything that runs.',
  Name_Archive_Declared_As_Picture:
    'MIME type says picture, content is an archive or disk image (T1036.008): compare with the name and look at its members.',
  Name_Extension_Out_Of_Sight:
    'A run of blanks pushes the real extension out of view in dialogs (T1036): deliberate; analyse the file as what it is.',
  Name_Image_As_Document:
    'Disk image content behind a document name (T1036.008); images also drop the mark of the web (T1553.005): look at its members.',
  Name_Lookalike_Dot:
    'A homoglyph of the dot before an executable extension (T1036): deceives readers and name filters; decode the code points.',
  Name_Other_Family:
    'Document and picture swapped in name and content; mostly wrong exports: of weight only beside other findings.',
  Name_Page_As_Picture: 'HTML behind a media name; mostly a saved error page: check for scripts and forms in it.',
  Name_Program_As_Other_Kind:
    'Executable content behind a harmless extension (T1036.008): renamed for delivery; find the script or instruction that starts it.',
  Name_Program_Declared_Otherwise:
    'MIME type says document, picture or text, content is a program (T1036.008): the sender or his client lied; analyse the program.',
  Name_Trailing_Dots:
    'Windows drops trailing dots and blanks, filters may not: the file becomes executable when saved (T1036).',
  Name_Turned_Direction:
    'A right-to-left override in the name (T1036.002): the shown extension is not the real one; there is no honest reason in a program’s name.',
  Name_Two_Extensions:
    'Double extension such as .pdf.exe (T1036.007): Windows hides the last one by default; treat as malware delivery.',
  Name_Unseen_Characters:
    'Zero-width or control characters in a program’s name (T1036): evades name filters; some scripts need joiners, programs do not.',
  Lnk_Data_Behind_End:
    'An overlay behind the terminal block: payload that the command line cuts out by offset (T1027.009); carve and analyse it.',
  Lnk_Document_Icon:
    'Icon location shows a document while the target is an interpreter (T1036.008, T1204.002): read the arguments.',
  Lnk_Icon_From_Network:
    'Icon path on a UNC or web address: Explorer fetches it on display and sends the NTLM hash (T1187): block the host.',
  Lnk_Long_Arguments:
    'Arguments past the 260 characters of the properties window, or padded with blanks (T1027): read them in full from the finding’s file.',
  Lnk_Runs_Command:
    'Target is a shell, script host or system tool with arguments (T1204.002, T1059): decode the command line, extract addresses.',
  Lnk_Starts_Interpreter:
    'Target is an interpreter with few arguments; admin shortcuts look so: check what the arguments name, and neighbours in the archive.',
  Lnk_Target_On_Network:
    'Target on a foreign UNC or WebDAV share: runs code from there and leaks the NTLM hash (T1187, T1204.002): check the owner of the host.',
  Pdf_Embedded_File:
    'An embedded file; invoices (Factur-X, ZUGFeRD) carry XML so: judge the member by its own findings.',
  Pdf_Embedded_Program:
    'A program, script or shortcut as attachment of a PDF (T1204.002): readers warn, people click; analyse the member.',
  Pdf_Goes_To_Remote: 'GoToR or GoToE to a file elsewhere; a UNC target leaks the NTLM hash (T1187): check the path.',
  Pdf_Imports_Data: 'ImportData loads form data from a file or address: check whether the source is foreign (T1187).',
  Pdf_Launch:
    'A Launch action (T1204.002): readers ask before they run it; read file, parameters and whether an attachment is meant.',
  Pdf_Opens_Address:
    'OpenAction with URI opens a page on reading: a common lure for phishing (T1566.002); judge the address.',
  Pdf_Rich_Media:
    'Rich media, 3D or Flash annotations; CAD and brochures have them, older readers had holes there (T1203): check the embedded asset.',
  Pdf_Script:
    'JavaScript in the PDF; forms use it for checks and sums: read it where other Pdf_Script findings stand beside it (T1059.007).',
  Pdf_Script_Hidden:
    'eval or unescape over built strings, long encoded data (T1027, T1059.007): deobfuscate; typical of exploit kits.',
  Pdf_Script_Opens_Address:
    'app.launchURL or getURL in a script; at once on opening it is a lure (T1566.002): judge the address.',
  Pdf_Script_Opens_Attachment:
    'exportDataObject with nLaunch or the like opens an embedded file (T1204.002): analyse that member.',
  Pdf_Script_Sends_Data:
    'submitForm, SOAP or network calls in a script; form services do it: check where data goes (T1048).',
  Pdf_Script_Uses_Hole:
    'Calls known from exploits such as Collab.getIcon, util.printf or media.newPlayer (T1203): extract shellcode, check the reader versions in use.',
  Pdf_Submits_Form:
    'SubmitForm to an address; ordinary in public forms: check the host where passwords or payment data are asked (T1566.002).',
  Pdf_Submits_On_Open:
    'SubmitForm as OpenAction sends data without a click: a beacon, or an NTLM leak on a share (T1187); check the address.',
  Registry_Starts_Command:
    'A .reg file writes a Run key or another autostart (T1547.001, T1112): the value is the command line.',
  Shortcut_Fetches_Program:
    'The shortcut’s URL names a program, script or archive (T1204.001): fetch it in isolation, check the host.',
  Shortcut_Icon_From_Network:
    'IconFile on a foreign share in a .url or .desktop file: the NTLM hash leaves when the folder is shown (T1187).',
  Shortcut_Installs_Program:
    'ClickOnce or App Installer manifest (T1218): installs from the address inside; check publisher, signature and host.',
  Shortcut_Library_From_Network:
    'A library-ms, search-ms or desktop.ini style file shows a foreign WebDAV folder as local (T1204.002, T1187): check the address.',
  Shortcut_Remote_Desktop:
    'An .rdp file connects out and may share drives and clipboard, as in campaigns of 2024 (T1219): read full address and redirections.',
  Shortcut_Runs_Command:
    'Exec or URL of the shortcut is a command line (T1204.002, T1059): decode it and extract the next stage.',
  Shortcut_Settings_Content:
    'SettingContent-ms with a DeepLink starts any program without the usual warning (T1204.002): read the DeepLink.',
  Shortcut_Setup_File_Runs_Command:
    'An .inf with run, register or scriptlet sections (T1218): read the command, see what starts the installation.',
  Shortcut_System_Scheme: 'The URL uses a Windows handler such as ms-msdt or search-ms (T1202): decode the arguments.',
  Shortcut_To_File_Share:
    'URL leads to a file on a foreign UNC or WebDAV share (T1204.002, T1187; CVE-2023-36025 and its like passed SmartScreen so).',
  Shortcut_To_Local_Program:
    'URL is file: with a local program; admin shortcuts look so: check the target, and neighbours in the archive.',
  Shortcut_Web_Query:
    'An .iqy web query: Excel fetches the address and evaluates the answer, DDE included (T1559.002): look at the address.',
} as const;
