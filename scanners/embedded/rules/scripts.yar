rule Script_PowerShell_Download_And_Run
{
  meta:
    description = "A script lets PowerShell fetch something from the network and run it at once."
    analyst = "A download cradle: the fetched text goes to Invoke-Expression or to a hidden PowerShell and never touches the disk."
    author = "Lazaret"
    reference = "https://attack.mitre.org/techniques/T1059/001/"
    severity = "high"
  strings:
    $shell = /p\^?o\^?w\^?e\^?r\^?s\^?h\^?e\^?l\^?l/ nocase
    $iex = /(\biex\b|invoke-expression|i`?e`?x\s*[\(\$])/ nocase
    $fetch = /\.download(string|data|file)(async)?\W|invoke-webrequest|invoke-restmethod|\biwr\b|\birm\b|start-bitstransfer/ nocase
    $string = /\.(downloadstring|downloaddata|openread)\W/ nocase
    $piped = /(\biwr|\birm|invoke-webrequest|invoke-restmethod|downloadstring)[^\r\n]{0,200}\|\s*(iex|invoke-expression)\b/ nocase
    $inner = /\b(iex|invoke-expression)[\s\(&"']{1,10}[^\r\n|]{0,80}(downloadstring|downloaddata|\biwr\b|\birm\b|invoke-webrequest|invoke-restmethod)/ nocase
    $quiet = /-w(in|indowstyle)?\s+(hidden|1)\b|-nop(rofile)?\b|-e(p|xecutionpolicy)\s+(bypass|unrestricted)/ nocase
    $hidden = /-w(in|indowstyle)?\s+(hidden|1)\b/ nocase
    $start = /start-process|\bsaps\b|invoke-item|\bii\b|\.exe["'\s;]/ nocase
  condition:
    filesize < 2MB and Aspect_Windows_Script and
    ($piped or $inner or ($iex and $string) or ($shell and $quiet and $fetch and $iex) or ($shell and $hidden and $fetch and $start))
}

rule Script_PowerShell_Encoded_Command
{
  meta:
    description = "PowerShell is started with a long encoded command, which hides what it does."
    analyst = "The base64 behind -EncodedCommand is UTF-16; the decoded text is scanned as a part of its own where it could be decoded."
    author = "Lazaret"
    reference = "https://attack.mitre.org/techniques/T1027/010/"
    severity = "high"
  strings:
    $command = /p(ower)?[sw]h?(ell)?(\.exe)?["' ][^\r\n]{0,200}[\-\/]e(n|nc|c|nco|ncod|ncodedcommand)?\s+["']?[A-Za-z0-9+\/]{60,}/ nocase ascii wide
  condition:
    $command and (Aspect_Windows_Script or uint32(0) == 0x0000004C or uint32be(0) == 0xD0CF11E0 or "|xml|rels|url|desktop|library-ms|settingcontent-ms|job||" contains suffix)
}

rule Script_PowerShell_Loads_Program_From_Memory
{
  meta:
    description = "A PowerShell script runs a program that it decodes or fetches in memory, so that no file is seen."
    analyst = "Reflection.Assembly::Load on decoded or downloaded bytes, with a call of an entry point; the assembly never touches the disk."
    author = "Lazaret"
    reference = "https://attack.mitre.org/techniques/T1620/"
    severity = "high"
  strings:
    $load = /\[(System\.)?(Reflection\.Assembly|AppDomain)\][^\r\n]{0,60}\bLoad\s*\(/ nocase
    $bytes = /frombase64string|downloaddata|gzipstream|deflatestream|-bxor|\[byte\[\]\]/ nocase
    $call = /\.invoke\s*\(|entrypoint|getmethod\s*\(|createinstance/ nocase
  condition:
    filesize < 20MB and Aspect_Windows_Script and all of them
}

rule Script_PowerShell_Compressed_Payload
{
  meta:
    description = "A PowerShell script unpacks hidden code and runs it at once."
    analyst = "Base64 through GzipStream or DeflateStream into Invoke-Expression or a script block."
    author = "Lazaret"
    reference = "https://attack.mitre.org/techniques/T1140/"
    severity = "high"
  strings:
    $decode = "frombase64string" nocase
    $unpack = /(gzipstream|deflatestream)/ nocase
    $run = /\b(iex|invoke-expression)\b|\[scriptblock\]::create|&\s*\(\s*\[scriptblock\]/ nocase
  condition:
    filesize < 20MB and Aspect_Windows_Script and all of them
}

rule Script_PowerShell_Decodes_And_Runs
{
  meta:
    description = "A PowerShell script decodes hidden text and runs it as a command."
    analyst = "Text.Encoding GetString over FromBase64String, or a list of character codes, handed to Invoke-Expression."
    author = "Lazaret"
    reference = "https://attack.mitre.org/techniques/T1140/"
    severity = "high"
  strings:
    $inner = /\b(iex|invoke-expression)[\s\(&"'.$]{1,12}[^\r\n]{0,160}(frombase64string|\[char\[\]\]|-join|-bxor|\[char\])/ nocase
    $piped = /(frombase64string|\[char\[\]\]|-bxor|-join)[^\r\n]{0,300}\|\s*(iex|invoke-expression|&)/ nocase
    $pieces = /[&.]\s*\(\s*["'](\{\d{1,2}\}){3,20}["']\s*-f/ nocase
    $char = /\[char\]\s*(0x)?\d{2,3}/ nocase
    $execute = /\b(iex|invoke-expression)\b/ nocase
  condition:
    filesize < 20MB and "|ps1|psm1|bat|cmd|vbs|js|hta|wsf|bas||" contains suffix and
    ($inner or $piped or $pieces or (#char > 15 and $execute))
}

rule Script_Puts_Code_Into_Memory
{
  meta:
    description = "A script writes machine code into memory and starts it, which only attacks need."
    analyst = "VirtualAlloc or a delegate for a function pointer together with copying and starting a thread: a shellcode runner."
    author = "Lazaret"
    reference = "https://attack.mitre.org/techniques/T1055/"
    severity = "critical"
  strings:
    $allocate = /\b(VirtualAlloc(Ex)?|NtAllocateVirtualMemory|HeapCreate|VirtualProtect)\b/ nocase
    $copy = /RtlMoveMemory|RtlCopyMemory|Marshal\]?(::|\.)Copy|WriteProcessMemory|NtWriteVirtualMemory|WriteByte\s*\(/ nocase
    $start = /\b(CreateThread|CreateRemoteThread|NtCreateThreadEx|QueueUserAPC|EnumSystemLocales[AW]?|EnumWindows|EnumChildWindows|CallWindowProc[AW]?|GetDelegateForFunctionPointer|SetTimer)\b/ nocase
  condition:
    filesize < 20MB and Aspect_Windows_Script and all of them
}

rule Script_Blinds_The_Scanner
{
  meta:
    description = "A script switches off the interface through which Windows scans scripts."
    analyst = "The AMSI initialisation flag or AmsiScanBuffer is patched; what follows is meant to go unseen."
    author = "Lazaret"
    reference = "https://attack.mitre.org/techniques/T1562/001/"
    severity = "high"
  strings:
    $flag = /amsi[`'"+\s]{0,8}init[`'"+\s]{0,8}failed/ nocase
    $utils = /System\.Management\.Automation\.A[`'"+\s{}\d]{0,12}msi?[`'"+\s]{0,8}utils/ nocase
    $buffer = /Amsi[`'"+\s]{0,8}Scan[`'"+\s]{0,8}Buffer/ nocase
    $patch = /VirtualProtect|GetProcAddress|Marshal/ nocase
  condition:
    filesize < 5MB and Aspect_Windows_Script and ($flag or $utils or ($buffer and $patch))
}

rule Script_Switches_Off_Protection
{
  meta:
    description = "A script switches off the computer's virus protection or makes exceptions in it."
    analyst = "Defender preferences, its service or its registry policy; administrators do that too, so look at what else the script does."
    author = "Lazaret"
    reference = "https://attack.mitre.org/techniques/T1562/001/"
    severity = "medium"
  strings:
    $preference = /(set|add)-mppreference[^\r\n]{0,80}-(disable\w{5,40}\s+(\$true|1)|exclusion(path|process|extension))/ nocase
    $policy = /Windows Defender[^\r\n]{0,80}\b(DisableAntiSpyware|DisableRealtimeMonitoring)\b/ nocase
    $service = /\b(sc|net1?)(\.exe)?\s+(stop|delete|config)\s+"?(windefend|sense|wdnissvc|mpssvc)\b/ nocase
  condition:
    filesize < 2MB and Aspect_Windows_Script and any of them
}

rule Script_Deletes_Backups
{
  meta:
    description = "A script deletes the computer's shadow copies or backups, as extortion software does first."
    analyst = "vssadmin, wmic shadowcopy, wbadmin or bcdedit make recovery impossible; seldom seen outside ransomware."
    author = "Lazaret"
    reference = "https://attack.mitre.org/techniques/T1490/"
    severity = "high"
  strings:
    $vss = /vssadmin(\.exe)?["']?\s+(delete\s+shadows|resize\s+shadowstorage)/ nocase ascii wide
    $wmic = /shadowcopy[^\r\n]{0,40}\bdelete\b|win32_shadowcopy[^\r\n]{0,80}(delete|remove-)/ nocase ascii wide
    $wbadmin = /wbadmin(\.exe)?["']?\s+delete\s+(catalog|systemstatebackup|backup)/ nocase ascii wide
    $boot = /bcdedit[^\r\n]{0,60}recoveryenabled["']?\s+(no|off)\b/ nocase ascii wide
  condition:
    filesize < 20MB and ((Aspect_Windows_Script and any of them) or (Aspect_Program and 2 of them))
}

rule Script_WindowsHost_Dropper
{
  meta:
    description = "A script for the Windows script host fetches or writes a program and starts it."
    analyst = "An HTTP object or an ADODB stream, together with WScript.Shell or Shell.Application and a start."
    author = "Lazaret"
    reference = "https://attack.mitre.org/techniques/T1059/005/"
    severity = "high"
  strings:
    $http = /(msxml2\.(server)?xmlhttp|microsoft\.xmlhttp|winhttp\.winhttprequest)/ nocase
    $stream = "adodb.stream" nocase
    $save = "savetofile" nocase
    $shell = /(wscript\.shell|shell\.application)/ nocase
    $run = /\.\s*(run|exec|shellexecute)\b|\[["'](run|exec|shellexecute)["']\]/ nocase
  condition:
    filesize < 5MB and (Aspect_Windows_Script or Aspect_Web_Page) and $shell and $run and ($http or ($stream and $save))
}

rule Script_Starts_Hidden_Shell
{
  meta:
    description = "A script starts a command interpreter in a hidden window with a command that fetches, decodes or runs something."
    analyst = "WScript.Shell Run with window style 0, or WMI Win32_Process.Create, over PowerShell, cmd, mshta or the like."
    author = "Lazaret"
    reference = "https://attack.mitre.org/techniques/T1564/003/"
    severity = "high"
  strings:
    $shell = /wscript\.shell|shell\.application|win32_process|winmgmts:/ nocase
    $run = /\.\s*(run|exec|shellexecute|create)\b/ nocase
    $danger = /(powershell|pwsh|cmd(\.exe)?["'\s]{1,4}\/c|mshta|rundll32|regsvr32)[^\r\n]{0,300}(hidden|-e(nc|c|p)?\s|bypass|https?:\/\/|frombase64|downloadstring|iex\b|javascript:|%temp%|\$env:|appdata)/ nocase
  condition:
    filesize < 5MB and "|vbs|vbe|js|jse|wsf|wsc|sct|hta|bas|cls|vba|xsl|" contains suffix and all of them
}

rule Script_Run_By_System_Tool
{
  meta:
    description = "A system tool (mshta, regsvr32, rundll32, certutil, bitsadmin, msiexec) is told to fetch and run something from the network."
    analyst = "A signed binary of Windows as download or execution proxy; compare with the LOLBAS list."
    author = "Lazaret"
    reference = "https://attack.mitre.org/techniques/T1218/"
    severity = "high"
  strings:
    $mshta = /\bmshta(\.exe)?["']?\s+["']?(https?:\/\/|javascript:|vbscript:|\\\\)/ nocase
    $regsvr = /\bregsvr32(\.exe)?[^\r\n]{0,60}\/i:["']?(https?:\/\/|\\\\)/ nocase
    $rundll = /\brundll32(\.exe)?[^\r\n]{0,40}(javascript:|\\\\[\w.@-]{3,80}\\[^\r\n]{1,80}\.(dll|dat|tmp),)/ nocase
    $certutil = /\bcertutil(\.exe)?[^\r\n]{0,60}[\-\/](urlcache[^\r\n]{0,20}[\-\/](f|split)|(f|split)[^\r\n]{0,20}[\-\/]urlcache|verifyctl)\b/ nocase
    $bits = /\bbitsadmin(\.exe)?[^\r\n]{0,60}\/(transfer|addfile)[^\r\n]{10,320}\.(exe|dll|scr|ps1|vbs|js|bat|hta|dat|tmp)\b/ nocase
    $msiexec = /\bmsiexec(\.exe)?[^\r\n]{0,30}[\/\-](i|package|q[nb]?)\s{0,3}["']?h[t][t]p/ nocase
    $wmic = /\bwmic(\.exe)?[^\r\n]{0,80}\/format:["']?h[t][t]p/ nocase
    $conhost = /\b(forfiles|pcalua|conhost)(\.exe)?[^\r\n]{0,80}(powershell|mshta)/ nocase
  condition:
    filesize < 5MB and any of them and (Aspect_Windows_Script or "|lnk|url|scf|desktop|job|library-ms||" contains suffix)
}

rule Script_Batch_Cut_From_Variables
{
  meta:
    description = "A batch script puts its commands together from single letters, which serves only to hide them."
    analyst = "Many substring expansions of variables (%name:~n,1%); run it in a sandbox or print the expanded lines."
    author = "Lazaret"
    reference = "https://attack.mitre.org/techniques/T1027/010/"
    severity = "high"
  strings:
    $letter = /%[^%\r\n]{1,40}:~-?\d{1,4},1%/
    $noise = /[%!][^%!\r\n\s]{4,40}[%!][%!][^%!\r\n\s]{4,40}[%!][%!][^%!\r\n\s]{4,40}[%!]/
  condition:
    filesize < 20MB and "|bat|cmd|" contains suffix and (#letter > 12 or #noise > 12)
}

rule Script_Batch_Fetches_And_Starts
{
  meta:
    description = "A batch script fetches a program into a temporary folder and starts it."
    analyst = "curl, PowerShell or bitsadmin writes below TEMP, APPDATA or PUBLIC, and the file is started; installers of small vendors do the same."
    author = "Lazaret"
    reference = "https://attack.mitre.org/techniques/T1105/"
    severity = "medium"
  strings:
    $fetch = /\b(curl|wget|bitsadmin|invoke-webrequest|iwr|downloadfile)\b/ nocase
    $place = /(-o|--output|-outfile|\.(exe|dll|msi|bat|vbs|js|zip|txt|dat|png|jpg)["']?[\s,]{1,3})\s{0,3}["']?(%temp%|%tmp%|%appdata%|%localappdata%|%public%|%programdata%|[a-z]:\\users\\public|\$env:(temp|appdata|public))/ nocase
    $start = /(^|[\r\n&(])\s*(start|call|cmd|rundll32|regsvr32|wscript|start-process)?\s*[^\r\n]{0,20}(%temp%|%tmp%|%appdata%|%localappdata%|%public%|%programdata%|\\users\\public|\$env:(temp|appdata|public))[\\\/][^\r\n]{1,80}\.(exe|dll|scr|vbs|js|bat|cmd|msi)/ nocase
  condition:
    filesize < 2MB and "|bat|cmd|ps1|" contains suffix and $fetch and $place and $start
}

rule Script_Encoded_VBScript_Or_JScript
{
  meta:
    description = "The script is encoded for the Windows script host, which serves only to hide what it does."
    analyst = "Microsoft Script Encoder; the decoded text is scanned as a part of its own."
    author = "Lazaret"
    reference = "https://attack.mitre.org/techniques/T1027/"
    severity = "high"
  strings:
    $begin = "#@~^"
    $end = "==^#~@"
  condition:
    filesize < 2MB and $end and ($begin in (0..1024) or ($begin and (Aspect_Web_Page or Aspect_Windows_Script)))
}

rule Script_JScript_Hidden_Commands
{
  meta:
    description = "A script for the Windows script host hides its commands behind codes and runs what it decodes."
    analyst = "WScript or ActiveXObject with eval or Function over character codes, escapes or reversed text; the unveiled text is a part of its own where it could be folded."
    author = "Lazaret"
    reference = "https://attack.mitre.org/techniques/T1027/"
    severity = "high"
  strings:
    $host = /\bwscript\s*[.\[]|new\s+activexobject|getobject\s*\(|createobject\s*\(/ nocase
    $run = /\beval\s*\(|\bnew\s+function\s*\(|\bexecute(global)?[\s(]/ nocase
    $code = /(\\x[0-9a-f]{2}|\\u00[0-9a-f]{2}){4}|%[0-9a-f]{2}%[0-9a-f]{2}%[0-9a-f]{2}%[0-9a-f]{2}/ nocase
    $char = /\bchrw?\s*\(|fromcharcode/ nocase
    $back = /split\s*\(\s*["']{2}\s*\)\s*\.reverse|strreverse\s*\(/ nocase
  condition:
    filesize < 10MB and "|js|jse|vbs|vbe|wsf|wsc|sct|hta|" contains suffix and $host and $run and (#code > 20 or #char > 20 or $back)
}

rule Script_Carries_Program
{
  meta:
    description = "A script or page carries a Windows program, written as text."
    analyst = "The base64, hexadecimal or reversed form of an MZ header; decode the block and look at the program."
    author = "Lazaret"
    reference = "https://attack.mitre.org/techniques/T1027/009/"
    severity = "high"
  strings:
    $base64 = /TV(qQAAMAAAAEAAAA|pQAAIAAAAEAA8A|oAAAAAAAAAAAAA|pBUlVIieVIgewg|rrEAAAAA)/
    $reversed = "AAMAAQqVT"
    $hex = /4d5a[59]0000[03]00000004000000/ nocase
    $list = /\b(0x4d|77|&H4D),\s{0,4}(0x5a|90|&H5A),\s{0,4}(0x90|144|&H90),\s{0,4}(0x00?|0|&H00?),\s{0,4}(0x03|3|&H0?3),/ nocase
  condition:
    filesize < 30MB and any of them and (Aspect_Windows_Script or Aspect_Unix_Script or Aspect_Web_Page)
}

rule Script_Starts_With_Windows
{
  meta:
    description = "A script or registry file makes an encoded or downloaded command start with Windows."
    analyst = "A Run key, scheduled task or start-up folder entry whose command is an interpreter with an encoded or remote payload."
    author = "Lazaret"
    reference = "https://attack.mitre.org/techniques/T1547/001/"
    severity = "high"
  strings:
    $run = "currentversion\\run" nocase
    $run_escaped = "currentversion\\\\run" nocase
    $task = /schtasks(\.exe)?[^\r\n]{0,40}\/create|register-scheduledtask|new-scheduledtaskaction/ nocase
    $encoded = /(powershell|pwsh)(\.exe)?["']?\s[^\r\n]{0,60}-enc(odedcommand)?\s/ nocase
    $script = /(mshta|rundll32)(\.exe)?["']?\s{1,3}["']?(javascript|vbscript):/ nocase
    $decode = /frombase64string|downloadstring/ nocase
    $remote = /(powershell|pwsh|mshta|wscript|cscript|regsvr32|rundll32)(\.exe)?["'\s]{1,3}h[t][t]ps?:/ nocase
  condition:
    filesize < 2MB and Aspect_Windows_Script and ($encoded or $script or $decode or $remote) and ($run or $run_escaped or $task)
}

rule Script_Scriptlet_Runs_Commands
{
  meta:
    description = "A scriptlet or style sheet starts programs when a system tool loads it."
    analyst = "A .sct, .wsc or .xsl with script that creates shell objects: the payload of regsvr32 or wmic proxies."
    author = "Lazaret"
    reference = "https://attack.mitre.org/techniques/T1218/010/"
    severity = "high"
  strings:
    $frame = /<scriptlet|<registration\b|<component\b|(ms|msxsl|user):script|urn:schemas-microsoft-com:xslt/ nocase
    $object = /(activexobject|createobject)\s*\(?\s*["']?(wscript\.shell|shell\.application|msxml2|adodb\.stream|scripting\.filesystemobject)/ nocase
  condition:
    filesize < 2MB and "|sct|wsc|xsl|xslt|xml|txt||" contains suffix and all of them
}

rule Script_Project_File_Runs_Code
{
  meta:
    description = "A build project or installation file contains code that runs when a system tool opens it."
    analyst = "An inline task for MSBuild with native calls, or an INF that registers a remote scriptlet (cmstp)."
    author = "Lazaret"
    reference = "https://attack.mitre.org/techniques/T1127/001/"
    severity = "high"
  strings:
    $factory = /TaskFactory\s*=\s*"(CodeTaskFactory|RoslynCodeTaskFactory)"/ nocase
    $native = /VirtualAlloc|DllImport|FromBase64String|Process\.Start|Assembly\.Load/ nocase
    $scriptlet = /scrobj\.dll\s*,\s*NI\s*,\s*(https?:|\\\\|[a-z]:)/ nocase
    $setup = /RunPreSetupCommands(Section)?[^\[]{0,200}(powershell|cmd|mshta|rundll32|regsvr32|taskkill)/ nocase
  condition:
    filesize < 5MB and (($factory and $native and "|xml|csproj|vbproj|proj|targets|props|txt|" contains suffix) or (($scriptlet or $setup) and "|inf|txt|" contains suffix))
}

rule Hta_With_Shell
{
  meta:
    description = "An HTML application (HTA) starts programs as soon as it is opened."
    analyst = "mshta runs its script without the browser's sandbox; look at the commands given to the shell object."
    author = "Lazaret"
    reference = "https://attack.mitre.org/techniques/T1218/005/"
    severity = "high"
  strings:
    $hta = "<hta:application" nocase
    $script = "<script" nocase
    $shell = /(wscript\.shell|shell\.application|getobject\s*\(\s*["']winmgmts|powershell|mshta|cmd\.exe)/ nocase
  condition:
    filesize < 5MB and $script and $shell and (($hta in (0..8192) and (Aspect_Web_Page or Aspect_Windows_Script or extension == "")) or extension == "hta")
}
