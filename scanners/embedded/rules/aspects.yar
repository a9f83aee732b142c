/* What other rules ask about a part. Private: never reported. The file's name puts it before all others. The native engine hands the extension "inf" over
   as "_inf", since it would read it as a number. */

private rule Aspect_Windows_Script
{
  condition:
    extension matches /^(ps1|psm1|psd1|bat|cmd|vbs|vbe|vba|bas|cls|frm|js|jse|mjs|wsf|wsh|wsc|sct|hta|reg|_?inf|xsl)$/ or
    filetype == "text/x-msdos-batch" or filetype == "text/x-powershell" or filetype == "text/vbscript"
}

private rule Aspect_Unix_Script
{
  condition:
    uint16be(0) == 0x2321 or extension matches /^(sh|bash|zsh|ksh|command|tool|applescript|scpt|py|pyw|pl|rb)$/ or
    filetype == "text/x-shellscript"
}

private rule Aspect_Program
{
  condition:
    uint16(0) == 0x5A4D and filesize > 64 and uint32(0x3C) < filesize and uint32(uint32(0x3C)) == 0x00004550
}

private rule Aspect_Web_Page
{
  strings:
    $start = /<(!doctype\s+html|html|head|body|script|svg|meta|form)\b/ nocase
  condition:
    filesize < 20MB and (extension matches /^(html?|xhtml|shtml|svg|hta|mht|mhtml)$/ or filetype == "text/html" or filetype == "image/svg+xml" or (extension == "" and $start in (0..1024)))
}

private rule Aspect_Macro_Text
{
  condition:
    filesize < 5MB and extension matches /^(bas|cls|frm|vba)$/
}

private rule Aspect_Php
{
  strings:
    $open = /<\?(php|=|\s)/ nocase
  condition:
    filesize < 5MB and $open and (extension matches /^(php\d?|phtml|phar|inc|jpe?g|png|gif|ico|bmp)$/ or ($open in (0..64) and not extension matches /^(md|markdown|rst|txt|adoc)$/))
}
