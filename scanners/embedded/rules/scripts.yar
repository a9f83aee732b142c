rule Script_PowerShell_Download_And_Run
{
  meta:
    description = "A script lets PowerShell fetch something from the network and run it at once."
    author = "Lazaret"
    reference = "https://attack.mitre.org/techniques/T1059/001/"
    severity = "high"
  strings:
    $shell = /p\^?o\^?w\^?e\^?r\^?s\^?h\^?e\^?l\^?l/ nocase
    $iex = /\b(iex|invoke-expression)\b/ nocase
    $fetch = /\.download(string|data|file)\s*\(|invoke-webrequest|invoke-restmethod|\biwr\b|start-bitstransfer/ nocase
    $quiet = /-w(indowstyle)?\s+(hidden|1)\b|-ep\s+bypass|-executionpolicy\s+bypass|-nop(rofile)?\b/ nocase
  condition:
    filesize < 2MB and $fetch and (($shell and $quiet) or $iex)
    and not (extension == "md" or extension == "html" or extension == "htm")
}

rule Script_PowerShell_Encoded_Command
{
  meta:
    description = "PowerShell is started with a hidden window or without policy and a long encoded command."
    author = "Lazaret"
    reference = "https://attack.mitre.org/techniques/T1027/010/"
    severity = "high"
  strings:
    $ascii = /powershell(\.exe)?["' ][^\r\n]{0,200}-e(nc|c|ncodedcommand)?\s+["']?[A-Za-z0-9+\/]{60,}/ nocase
    $wide = /powershell(\.exe)?["' ][^\r\n]{0,200}-e(nc|c|ncodedcommand)?\s+["']?[A-Za-z0-9+\/]{60,}/ nocase wide
  condition:
    any of them
}

rule Script_WindowsHost_Dropper
{
  meta:
    description = "A script for the Windows script host fetches or writes a program and starts it."
    author = "Lazaret"
    reference = "https://attack.mitre.org/techniques/T1059/005/"
    severity = "high"
  strings:
    $http = /(msxml2\.(server)?xmlhttp|microsoft\.xmlhttp|winhttp\.winhttprequest)/ nocase
    $stream = "adodb.stream" nocase
    $save = "savetofile" nocase
    $shell = /(wscript\.shell|shell\.application)/ nocase
    $run = /\.(run|exec|shellexecute)\b/ nocase
  condition:
    filesize < 2MB and $shell and $run and ($http or ($stream and $save))
}

rule Script_Run_By_System_Tool
{
  meta:
    description = "A system tool (mshta, regsvr32, rundll32, certutil, bitsadmin) is told to fetch and run something from the network."
    author = "Lazaret"
    reference = "https://attack.mitre.org/techniques/T1218/"
    severity = "high"
  strings:
    $mshta = /\bmshta(\.exe)?["']?\s+["']?(https?:\/\/|javascript:|vbscript:)/ nocase
    $regsvr = /\bregsvr32(\.exe)?[^\r\n]{0,60}\/i:https?:\/\// nocase
    $rundll = /\brundll32(\.exe)?[^\r\n]{0,40}javascript:/ nocase
    $certutil = /\bcertutil(\.exe)?[^\r\n]{0,60}-urlcache[^\r\n]{0,60}https?:\/\// nocase
    $bits = /\bbitsadmin(\.exe)?[^\r\n]{0,60}\/transfer[^\r\n]{0,120}https?:\/\// nocase
  condition:
    filesize < 2MB and any of them and extension matches /^(bat|cmd|js|jse|vbs|vbe|wsf|hta|ps1|lnk|url|sct|reg|inf|)$/
}

rule Script_Encoded_VBScript_Or_JScript
{
  meta:
    description = "The script is encoded for the Windows script host, which serves only to hide what it does."
    author = "Lazaret"
    reference = "https://attack.mitre.org/techniques/T1027/"
    severity = "high"
  strings:
    $begin = "#@~^"
    $end = "==^#~@"
  condition:
    filesize < 2MB and $begin in (0..1024) and $end
}

rule Hta_With_Shell
{
  meta:
    description = "An HTML application (HTA) starts programs as soon as it is opened."
    author = "Lazaret"
    reference = "https://attack.mitre.org/techniques/T1218/005/"
    severity = "high"
  strings:
    $hta = "<hta:application" nocase
    $script = "<script" nocase
    $shell = /(wscript\.shell|shell\.application|getobject\s*\(\s*["']winmgmts)/ nocase
  condition:
    filesize < 2MB and $script and $shell and ($hta or extension == "hta")
}
