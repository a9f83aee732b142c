/** Sentences for analysts on compound files, VBA, Excel 4 macros and Outlook items, by rule. */
export const OLE_EXPLANATIONS = {
  Hwp_Script:
    'A DefaultJScript stream of Hangul longer than the empty default (T1059.007): inflate it and read the event handlers.',
  Msg_Attachment_By_Reference:
    'Attach method by reference: the file lies elsewhere and was not scanned; check the path or address, also for a share (T1187).',
  Msg_Reminder_Loads_From_Network:
    'PidLidReminderFileParameter is a UNC path: CVE-2023-23397, the NTLM hash leaves without a click (T1187); block the host, search for other mails.',
  Msi_Installer:
    'Windows Installer database (T1218.007); software travels so, and loaders too: check signature, CustomAction table and embedded streams.',
  Ole_Dangerous_Class:
    'An object’s class id belongs to script, scriptlet, shell or HTML components (T1203, T1559.001): extract its data and find what it loads.',
  Ole_Data_Behind_The_End:
    'Bytes behind the last sector; often padding of a careless writer, at times an appended payload (T1027.009): see the member behind-the-end.',
  Ole_Default_Password:
    'Encrypted with VelvetSweatshop, which Office tries silently: hides content from scanners (T1027.013); judge the decrypted member.',
  Ole_Embedded_File:
    'An OLE Package or OLE 1 object with a file; ordinary by itself: judge the member by its name and findings.',
  Ole_Embedded_Program:
    'An OLE Package holds a program or script behind an icon of the sender’s choice (T1204.002): analyse the member, read its source path.',
  Ole_Equation_Exploit:
    'MTEF records overlong for their field, the shape of CVE-2017-11882 and CVE-2018-0802 (T1203): shellcode follows in the native data.',
  Ole_Equation_Object:
    'Equation class whose data is absent or no plain MTEF; Office may still start EQNEDT32 (T1203): check the stream by hand.',
  Ole_Equation_Plain:
    'Equation 3 data that reads as an equation within its bounds; ordinary in old documents, no further step unless other findings stand beside it.',
  Ole_Linked_To_Share:
    'A file moniker to a UNC path; internal links are common, a foreign host collects NTLM hashes (T1187): check who owns it.',
  Ole_Linked_To_Web:
    'A URL or script moniker in an \\1Ole stream: CVE-2017-0199 and its like (T1221): the address is the next stage.',
  Ole_Package_Starts_Command:
    'A package without content whose command is a program or shell line (T1204.002): the command string is the payload.',
  Ole_Risky_Control:
    'An embedded control known from exploits, such as MSCOMCTL, Flash or the web browser control (T1203): check its persisted data.',
  Ppt_Action_Starts_Program:
    'An InteractiveInfo action runs a program on click (T1204.002): read the target, see whether it is a local tool of the presenter.',
  Ppt_Hover_Starts_Program:
    'An action on mouse-over runs a program without a click, as Zusy did with PowerShell (T1204.002): read the target as command line.',
  Vba_Macro_Infects_Documents:
    'Code copies modules into Normal.dot or other workbooks (T1080, T1137.001): an old macro virus or its remains; the sender’s machine is probably infected.',
  Vba_Macro_Runs_By_Itself:
    'An Auto or event procedure without dangerous calls; common in templates: read it once, check that nothing is decoded from forms or properties.',
  Vba_Macro_Runs_On_Open_And_Starts_Programs:
    'Auto-start plus Shell, WMI, CreateObject, download or API declares (T1059.005, T1204.002): extract command lines and addresses, hunt for the next stage.',
  Vba_Macro_Runs_On_Open_Obfuscated:
    'Auto-start plus several signs of obfuscation such as Chr chains or string joins (T1027.010): deobfuscate or run it in a sandbox.',
  Vba_Macro_Starts_Programs:
    'Shell, download or API use without a start of its own (T1059.005); admin tools look so: find what sets it off, and what it starts.',
  Vba_Macros_Present:
    'A VBA project with source was read; no verdict by itself: the other Vba findings say what it does.',
  Vba_Source_Missing:
    'P-code without matching source: VBA stomping (T1564.007) or an odd writer; disassemble the p-code before trusting the source.',
  Vba_Source_Missing_And_Runs_On_Open:
    'VBA stomping (T1564.007): p-code has auto-start and program calls that the source does not show; disassemble the p-code.',
  Xlm_Hidden_And_Starts_Programs:
    'A hidden or very hidden XLM sheet with EXEC, CALL or REGISTER (T1059.005, T1564): look at Excel 4 macros.txt, find what starts it.',
  Xlm_Hidden_Macro_Sheet:
    'An XLM sheet in hidden state without grave calls; some old add-ins, more often loaders: read Excel 4 macros.txt (T1564).',
  Xlm_Macro_Sheet:
    'A visible XLM sheet in a binary workbook; survives in old workbooks: read the formulas where anything else is found.',
  Xlm_Runs_On_Open_And_Starts_Programs:
    'Auto_Open in XLM with EXEC, CALL, or formulas written at run time (T1059.005, T1204.002): emulate, extract address and DLL name.',
  Xlm_Starts_Programs:
    'EXEC, CALL or REGISTER in XLM without auto-start: look for a button or name that calls it, read the arguments (T1059.005).',
} as const;
