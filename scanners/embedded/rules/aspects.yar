/* What other rules ask about a part. Private: never reported. The file's name puts it before all others. `suffix` is the
   extension between bars. */

private rule Aspect_Windows_Script
{
  condition:
    "|ps1|psm1|psd1|bat|cmd|vbs|vbe|vba|bas|cls|frm|js|jse|mjs|wsf|wsh|wsc|sct|hta|reg|inf|xsl|" contains suffix or
    filetype == "text/x-msdos-batch" or filetype == "text/x-powershell" or filetype == "text/vbscript"
}

private rule Aspect_Unix_Script
{
  condition:
    uint16be(0) == 0x2321 or "|sh|bash|zsh|ksh|command|tool|applescript|scpt|py|pyw|pl|rb|" contains suffix or
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
    filesize < 20MB and ("|htm|html|xhtml|shtml|svg|hta|mht|mhtml|" contains suffix or filetype == "text/html" or filetype == "image/svg+xml" or (extension == "" and $start in (0..1024)))
}

private rule Aspect_Macro_Text
{
  condition:
    filesize < 5MB and "|bas|cls|frm|vba|" contains suffix
}

private rule Aspect_Php
{
  strings:
    $open = /<\?(php|=|\s)/ nocase
  condition:
    filesize < 5MB and $open and ("|php|php3|php4|php5|php7|php8|phtml|phar|inc|jpg|jpeg|png|gif|ico|bmp|" contains suffix or ($open in (0..64) and not "|md|markdown|rst|txt|adoc|" contains suffix))
}
