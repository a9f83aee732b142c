rule Vba_Starts_Program_On_Open
{
  meta:
    description = "A macro that runs when the document is opened starts a program or command."
    analyst = "An automatic routine with Shell, WScript.Shell, Shell.Application or WMI and a command, an address or built-up text."
    author = "Lazaret"
    reference = "https://attack.mitre.org/techniques/T1204/002/"
    severity = "high"
  strings:
    $auto = /\b(sub|function)\s+(auto_?(open|exec|close|new|exit)|document_?(open|close|new|beforeclose)|workbook_?(open|activate|beforeclose)|\w{1,40}_(gotfocus|layout|painted|mousemove|resize))\b/ nocase
    $shell = /\bshell\s*[\(\$"]|\bshell\s+\w{1,40}|wscript\.shell|shell\.application|winmgmts:|win32_process|\bshellexecute[aw]?\b|createobject\s*\(\s*(chr|strreverse|\w{1,40}\s*[(&+])/ nocase
    $danger = /powershell|cmd(\.exe)?\s{0,3}\/c|mshta|wscript|cscript|rundll32|regsvr32|certutil|environ\$?\s*\(?\s*"(temp|tmp|appdata|public|userprofile)|\.(exe|dll|vbs|js|ps1|bat|hta|scr)"|-enc\b|strreverse/ nocase
    $web = "\"http" nocase
    $char = /\bchr[wb$]?\s*\(/ nocase
  condition:
    Aspect_Macro_Text and $auto and $shell and ($danger or $web or #char > 15)
}

rule Vba_Fetches_File
{
  meta:
    description = "A macro fetches a file from the network and writes it to the disk."
    analyst = "URLDownloadToFile, or an HTTP object with ADODB.Stream or a binary file; rare in honest macros, the rule for droppers."
    author = "Lazaret"
    reference = "https://attack.mitre.org/techniques/T1105/"
    severity = "medium"
  strings:
    $direct = /URLDownloadToFile[AW]?\b/ nocase
    $http = /msxml2\.(server)?xmlhttp|microsoft\.xmlhttp|winhttp\.winhttprequest|internetexplorer\.application/ nocase
    $write = /adodb\.stream|savetofile|for\s+binary/ nocase
  condition:
    Aspect_Macro_Text and ($direct or ($http and $write))
}

rule Vba_Fetches_And_Starts
{
  meta:
    description = "A macro fetches a file from the network and starts it."
    analyst = "The two halves of a dropper in one module; the address may be built from pieces."
    author = "Lazaret"
    reference = "https://attack.mitre.org/techniques/T1105/"
    severity = "high"
  strings:
    $direct = /URLDownloadToFile[AW]?\b/ nocase
    $http = /msxml2\.(server)?xmlhttp|microsoft\.xmlhttp|winhttp\.winhttprequest/ nocase
    $write = /adodb\.stream|savetofile/ nocase
    $run = /\bshell\s*[\(\$"]|\bshell\s+\w|wscript\.shell|shell\.application|\bshellexecute[aw]?\b|win32_process|\.exec\b|\.run\b/ nocase
  condition:
    Aspect_Macro_Text and $run and ($direct or ($http and $write))
}

rule Vba_Puts_Code_Into_Memory
{
  meta:
    description = "A macro writes machine code into memory and starts it, which only attacks need."
    analyst = "Declared native functions that allocate, copy and start a thread or abuse a callback: a shellcode runner in VBA."
    author = "Lazaret"
    reference = "https://attack.mitre.org/techniques/T1055/"
    severity = "critical"
  strings:
    $allocate = /\b(VirtualAlloc(Ex)?|NtAllocateVirtualMemory|ZwAllocateVirtualMemory|HeapCreate|VirtualProtect)\b/ nocase
    $start = /\b(CreateThread|CreateRemoteThread|CreateThreadpoolWait|NtCreateThreadEx|QueueUserAPC|EnumSystemLocales[AW]?|EnumSystemCodePages[AW]?|EnumDateFormats[AW]?|EnumWindows|EnumChildWindows|CallWindowProc[AW]?|SetTimer|WriteProcessMemory|ResumeThread)\b/ nocase
    $declare = /\bdeclare\s+(ptrsafe\s+)?(function|sub)\b/ nocase
  condition:
    Aspect_Macro_Text and all of them
}

rule Vba_Infects_Other_Documents
{
  meta:
    description = "A macro copies itself into other documents or into the template of all documents."
    analyst = "VBProject code modules are written or imported, often after the macro warning was switched off: a macro virus."
    author = "Lazaret"
    reference = "https://attack.mitre.org/techniques/T1137/001/"
    severity = "high"
  strings:
    $template = /normaltemplate|normal\.dot|\\xlstart|startuppath/ nocase
    $project = /vbproject\.vbcomponents|\.vbcomponents/ nocase
    $copy = /\.(insertlines|addfromstring|addfromfile|import|export|replaceline|deletelines)\b|organizercopy/ nocase
    $quiet = /virusprotection\s*=\s*(false|0)|savenormalprompt\s*=\s*(false|0)|confirmconversions\s*=\s*(false|0)/ nocase
  condition:
    Aspect_Macro_Text and $copy and (($template and $project) or ($quiet and ($project or $template)))
}

rule Vba_Weakens_Macro_Security
{
  meta:
    description = "A macro switches off the warnings that protect against macros."
    analyst = "VBAWarnings or AccessVBOM is written to the registry, so that the next document runs unasked."
    author = "Lazaret"
    reference = "https://attack.mitre.org/techniques/T1562/001/"
    severity = "high"
  strings:
    $value = /\b(VBAWarnings|AccessVBOM|DisableInternetFilesInPV|DisableUnsafeLocationsInPV)\b/ nocase
    $write = /regwrite|reg(\.exe)?\s+add|RegSetValueEx|SetDWORDValue|New-ItemProperty/ nocase
  condition:
    (Aspect_Macro_Text or Aspect_Windows_Script) and filesize < 5MB and all of them
}

rule Vba_Built_From_Codes
{
  meta:
    description = "A macro puts hidden text together from codes and runs it."
    analyst = "Dozens of Chr calls, reversed or combined text next to Shell, CreateObject or Run; print the text instead of running it."
    author = "Lazaret"
    reference = "https://attack.mitre.org/techniques/T1027/"
    severity = "medium"
  strings:
    $char = /\bchr[wb$]?\s*\(\s*[\d&(a-z]/ nocase
    $joined = /"[^"\r\n]{1,4}"\s*&\s*"[^"\r\n]{1,4}"\s*&\s*"[^"\r\n]{1,4}"\s*&/
    $mid = /\bmid\$?\s*\([^\r\n]{1,80}\bxor\b|\bxor\b[^\r\n]{0,80}\basc\s*\(/ nocase
    $run = /\bshell\b|createobject\s*\(|\.run\b|callbyname|\.shellexecute\b|executeexcel4macro/ nocase
  condition:
    Aspect_Macro_Text and $run and (#char > 60 or #joined > 10 or $mid)
}

rule Vba_Starts_From_Form_Text
{
  meta:
    description = "A macro takes a command from where readers do not see it, such as a form or document property, and runs it."
    analyst = "Tag, ControlTipText, document variables or properties, or cell text go to Shell or an object's Run."
    author = "Lazaret"
    reference = "https://attack.mitre.org/techniques/T1564/007/"
    severity = "medium"
  strings:
    $hidden = /(shell|\.run|\.exec|\.create|\.shellexecute)\s*\(?\s*[^\r\n]{0,80}(\.tag\b|controltiptext|\.caption\b|builtindocumentproperties|customdocumentproperties|activedocument\.variables|\.alternativetext|\.title\b)/ nocase
  condition:
    Aspect_Macro_Text and $hidden
}

rule Xlm_Starts_Program
{
  meta:
    description = "A macro sheet of an old kind (Excel 4) starts a program or calls Windows functions."
    analyst = "EXEC, CALL or REGISTER in an XLM formula, in a sheet of OOXML or in a SYLK file."
    author = "Lazaret"
    reference = "https://attack.mitre.org/techniques/T1059/"
    severity = "high"
  strings:
    $exec = /(<f>|;E|=)\s*(EXEC|CALL|REGISTER)\s*\(\s*("|&quot;|'|CHAR|[A-Z]{1,3}\$?\d)/ nocase
    $fopen = /(<f>|;E|=)\s*(FOPEN|FWRITELN?)\s*\(/ nocase
    $sylk = "ID;P"
  condition:
    filesize < 20MB and (($exec or $fopen) and filepath icontains "macrosheets" or ($exec and $sylk at 0))
}

rule Query_File_Fetches_Cells
{
  meta:
    description = "A web query or data connection lets Excel fetch cells from a foreign address when it is opened."
    analyst = "An .iqy file; the answer may contain DDE formulas that start programs."
    author = "Lazaret"
    reference = "https://attack.mitre.org/techniques/T1566/001/"
    severity = "medium"
  strings:
    $query = /^\s{0,4}WEB\s{1,4}1\s{1,4}https?:\/\// nocase
  condition:
    filesize < 64KB and extension == "iqy" and $query in (0..16)
}
