rule Name_Executable_Behind_Document_Name
{
  meta:
    description = "The name says document or picture, the content is a Windows program."
    analyst = "A PE file under a name that Windows shows as document; it needs a loader, such as a shortcut beside it, or a careless rename."
    author = "Lazaret"
    reference = "https://attack.mitre.org/techniques/T1036/008/"
    severity = "high"
  condition:
    uint16(0) == 0x5A4D and filesize > 64 and uint32(0x3C) < filesize and uint32(uint32(0x3C)) == 0x00004550 and
    "|pdf|doc|docx|xls|xlsx|ppt|pptx|rtf|odt|ods|txt|csv|jpg|jpeg|png|gif|bmp|webp|htm|html|eml|msg|mp3|mp4|" contains suffix
}

rule Name_Unix_Program_Behind_Document_Name
{
  meta:
    description = "The name says document or picture, the content is a Linux or macOS program."
    analyst = "An ELF or Mach-O file under a document's name."
    author = "Lazaret"
    reference = "https://attack.mitre.org/techniques/T1036/008/"
    severity = "high"
  condition:
    (uint32be(0) == 0x7F454C46 or uint32(0) == 0xFEEDFACF or uint32(0) == 0xFEEDFACE) and
    "|pdf|doc|docx|xls|xlsx|ppt|pptx|rtf|odt|ods|txt|csv|jpg|jpeg|png|gif|bmp|webp|htm|html|eml|msg|mp3|mp4|" contains suffix
}

rule Name_Double_Extension
{
  meta:
    description = "The name shows a document's extension before the one that makes it a program or script."
    analyst = "With extensions hidden, Windows shows only the harmless half."
    author = "Lazaret"
    reference = "https://attack.mitre.org/techniques/T1036/007/"
    severity = "high"
  condition:
    "|exe|scr|pif|com|bat|cmd|vbs|vbe|js|jse|wsf|wsh|hta|lnk|ps1|msi|cpl|iso|img|" contains suffix and filename matches /\.(pdf|docx?|xlsx?|pptx?|rtf|txt|csv|jpe?g|png|gif|zip)\s*\.(exe|scr|pif|com|bat|cmd|vbs|vbe|jse?|wsf|wsh|hta|lnk|ps1|msi|cpl|iso|img)$/i
}

rule Name_Reversed_Direction
{
  meta:
    description = "A hidden mark in the name reverses part of it, so that its real extension is not seen."
    analyst = "U+202E or an isolate turns the shown order round (cod.exe looks like exe.doc)."
    author = "Lazaret"
    reference = "https://attack.mitre.org/techniques/T1036/002/"
    severity = "high"
  condition:
    filename contains "\xe2\x80\xae" or (filename contains "\xe2\x81\xa7" and filename matches /\.(exe|scr|com|bat|cmd|js|vbs|hta|lnk)$/i)
}

rule Name_Blanks_Before_Extension
{
  meta:
    description = "Many blanks in the name push the real extension of a program out of sight."
    analyst = "The extension lies behind the edge of the file list's column."
    author = "Lazaret"
    reference = "https://attack.mitre.org/techniques/T1036/"
    severity = "high"
  condition:
    "|exe|scr|pif|com|bat|cmd|vbs|js|jse|wsf|hta|lnk|ps1|" contains suffix and filename matches /\s{8,}\.(exe|scr|pif|com|bat|cmd|vbs|jse?|wsf|hta|lnk|ps1)$/i
}
