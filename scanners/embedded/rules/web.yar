rule Html_Smuggling
{
  meta:
    description = "The page builds a file in the browser and makes it download itself, past every mail gateway."
    author = "Lazaret"
    reference = "https://attack.mitre.org/techniques/T1027/006/"
    severity = "high"
  strings:
    $tag = /<(html|script|body|svg|!doctype)/ nocase
    $decode = /\batob\s*\(|uint8array|fromcharcode/ nocase
    $blob = /new\s+blob\s*\(|new\s+file\s*\(/ nocase
    $url = /createobjecturl|mssaveoropenblob|mssaveblob|data:application\/(octet-stream|zip|x-msdownload|x-iso9660-image);base64/ nocase
    $download = /\.download\s*=|setattribute\s*\(\s*["']download["']|mssaveoropenblob|mssaveblob/ nocase
    $click = /\.click\s*\(\s*\)|dispatchevent|mssaveoropenblob|mssaveblob/ nocase
  condition:
    filesize < 20MB and $tag and $decode and $blob and $url and $download and $click
}

rule Svg_With_Script_Redirect
{
  meta:
    description = "A picture (SVG) contains a script that leads the reader to another page."
    author = "Lazaret"
    reference = "https://attack.mitre.org/techniques/T1027/017/"
    severity = "high"
  strings:
    $svg = "<svg" nocase
    $script = /<script|\bonload\s*=/ nocase
    $leave = /(window|document|top|self|parent)?\.?location(\.href)?\s*=|location\.(replace|assign)\s*\(|window\.open\s*\(/ nocase
  condition:
    filesize < 5MB and $svg in (0..4096) and $script and $leave and (extension == "svg" or filetype == "image/svg+xml")
}

rule Html_Password_Form_Posts_Elsewhere
{
  meta:
    description = "An attached page asks for a password and sends it to another server."
    author = "Lazaret"
    reference = "https://attack.mitre.org/techniques/T1566/001/"
    severity = "medium"
  strings:
    $form = /<form[^>]{0,300}action\s*=\s*["']?https?:\/\// nocase
    $password = /<input[^>]{0,300}type\s*=\s*["']?password/ nocase
  condition:
    filesize < 5MB and $form and $password and extension matches /^(html?|shtml|xhtml|svg)$/
}

rule Shortcut_Starts_Command
{
  meta:
    description = "A Windows shortcut starts a command interpreter instead of opening a document."
    author = "Lazaret"
    reference = "https://attack.mitre.org/techniques/T1204/002/"
    severity = "high"
  strings:
    $shell = /(powershell|cmd\.exe|mshta|wscript|cscript|rundll32|regsvr32|certutil|bitsadmin|msiexec|curl\.exe|forfiles)/ nocase ascii wide
    $args = /(-w(indowstyle)? |-e(nc|p|c)? |-nop|\/c |\/k |https?:|javascript:|\.(ps1|vbs|js|hta|dll|bat)|\/i |-command|iex)/ nocase ascii wide
  condition:
    uint32(0) == 0x0000004C and uint32(4) == 0x00021401 and filesize < 5MB and $shell and $args
}

rule Internet_Shortcut_To_Program
{
  meta:
    description = "An internet shortcut opens a program or a foreign file share instead of a web page."
    author = "Lazaret"
    reference = "https://attack.mitre.org/techniques/T1204/001/"
    severity = "high"
  strings:
    $section = "[InternetShortcut]" nocase
    $target = /url\s*=\s*(file:\/\/[^\/\r\n]|file:[\/\\]{4}|\\\\[^\r\n]|[^\r\n]{4,200}\.(exe|scr|js|vbs|hta|lnk|cpl|msi|bat|cmd)\s*[\r\n])/ nocase
  condition:
    filesize < 64KB and $section and $target
}
