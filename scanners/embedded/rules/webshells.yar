rule Php_Shell_Runs_Request
{
  meta:
    description = "A PHP file runs whatever a visitor sends to it: a back door for web servers."
    analyst = "An evaluating or command function is fed from the request; one-line shells look exactly so."
    author = "Lazaret"
    reference = "https://attack.mitre.org/techniques/T1505/003/"
    severity = "high"
  strings:
    $run = /\b(eval|assert|system|passthru|shell_exec|exec|popen|proc_open|create_function|call_user_func)\s*\(\s*(@?(base64_decode|str_rot13|gzinflate|stripslashes|trim|urldecode)\s*\(\s*){0,3}@?\$_(get|post|request|cookie|server|files)\s*\[/ nocase
    $ticks = /`\s*\{?\$_(get|post|request|cookie)\s*\[[^`]{1,60}`/ nocase
    $called = /\$_(get|post|request|cookie)\s*\[[^\]]{1,40}\]\s*\(\s*\$_(get|post|request|cookie)/ nocase
  condition:
    Aspect_Php and any of them
}

rule Php_Shell_Packed
{
  meta:
    description = "A PHP file unpacks hidden code and runs it."
    analyst = "eval over gzinflate, base64_decode, str_rot13 and the like; commercial encoders do not work that way."
    author = "Lazaret"
    reference = "https://attack.mitre.org/techniques/T1505/003/"
    severity = "high"
  strings:
    $packed = /\b(eval|assert)\s*\(\s*(["']\?>["']\s*\.\s*)?@?(gzinflate|gzuncompress|gzdecode|base64_decode|str_rot13|strrev|rawurldecode|hex2bin|convert_uudecode)\s*\(/ nocase
    $replaced = /preg_replace\s*\(\s*["'][^"']{1,60}\/[a-z]{0,6}e[a-z]{0,6}["']\s*,/ nocase
    $known = /\b(FilesMan|c99shell|r57shell|b374k|WSO\s+\d\.\d|IndoXploit|p0wny|weevely)\b/ nocase
    $danger = /\b(eval|system|shell_exec|passthru|exec|base64_decode)\s*\(/ nocase
  condition:
    Aspect_Php and ($packed or (($replaced or $known) and $danger))
}

rule Asp_Shell_Runs_Request
{
  meta:
    description = "An ASP or JSP file runs whatever a visitor sends to it: a back door for web servers."
    analyst = "eval or Execute of a request field, or a process started from a request parameter."
    author = "Lazaret"
    reference = "https://attack.mitre.org/techniques/T1505/003/"
    severity = "high"
  strings:
    $asp = /\b(eval|execute(global)?)\s*\(?\s*(request|server\.)[^\r\n]{0,60}/ nocase
    $net = /\beval\s*\(\s*(System\.Text\.Encoding[^\r\n]{0,80})?Request\s*(\.Item)?\s*\[/ nocase
    $process = /Process(StartInfo)?\b[^;]{0,200}(cmd(\.exe)?|Request)/ nocase
    $jsp = /(getRuntime\s*\(\s*\)\s*\.\s*exec|new\s+ProcessBuilder)\s*\([^;]{0,80}request\.getParameter/ nocase
    $class = /defineClass\s*\(/
    $request = /Request\s*[\[.(]/ nocase
  condition:
    filesize < 2MB and (("|asp|aspx|ashx|asmx|cer|asa|cshtml|" contains suffix and ($asp or $net or ($process and $request))) or ("|jsp|jspx|jspf|war|" contains suffix and ($jsp or ($class and $request))))
}

rule Picture_Contains_Server_Script
{
  meta:
    description = "A picture contains a script for web servers."
    analyst = "PHP behind an image header: a web shell in disguise, or an upload meant for a server that runs it."
    author = "Lazaret"
    reference = "https://attack.mitre.org/techniques/T1027/009/"
    severity = "high"
  strings:
    $php = /<\?(php|=)[\s\S]{0,400}(\beval\s*\(|system\s*\(|shell_exec|passthru|base64_decode|\$_(GET|POST|REQUEST|COOKIE))/ nocase
  condition:
    filesize < 20MB and $php and (uint32be(0) == 0x47494638 or uint32be(0) == 0x89504E47 or uint16be(0) == 0xFFD8 or uint16be(0) == 0x424D)
}
