rule Pdf_Script_With_Embedded_File
{
  meta:
    description = "The PDF contains a script that saves or opens a file embedded in it."
    author = "Lazaret"
    reference = "https://attack.mitre.org/techniques/T1204/002/"
    severity = "high"
  strings:
    $pdf = "%PDF-"
    $script = /\/(JavaScript|JS)\b/
    $export = /exportDataObject\s*\([^)]{0,200}nLaunch\s*:\s*[12]/
    $embedded = "/EmbeddedFile"
  condition:
    $pdf in (0..1024) and $export and ($script or $embedded)
}

rule Pdf_Launch_Action
{
  meta:
    description = "The PDF starts a program when it is opened or clicked."
    author = "Lazaret"
    reference = "https://attack.mitre.org/techniques/T1204/002/"
    severity = "high"
  strings:
    $pdf = "%PDF-"
    $launch = /\/S\s*\/Launch\b/
    $what = /\/(Win|F|Mac|Unix)\s*(<<|\()[^>]{0,400}(cmd|powershell|mshta|wscript|cscript|rundll32|\.exe|\.bat|\.vbs|\.js|\.hta|\.scr|\.ps1)/ nocase
  condition:
    $pdf in (0..1024) and $launch and $what
}

rule Pdf_Script_On_Open
{
  meta:
    description = "The PDF runs a script as soon as it is opened; forms seldom need that."
    author = "Lazaret"
    reference = "https://helpx.adobe.com/acrobat/using/javascripts-pdfs-security-risk.html"
    severity = "medium"
  strings:
    $pdf = "%PDF-"
    $open = /\/(OpenAction|AA)\b/
    $script = /\/S\s*\/JavaScript\b/
    $danger = /\b(unescape|eval|app\.launchURL|getURL|submitForm|util\.printf|Collab\.|media\.newPlayer|spell\.|String\.fromCharCode)\b/
  condition:
    $pdf in (0..1024) and $open and $script and $danger
}

rule Rtf_Equation_Exploit
{
  meta:
    description = "The RTF document embeds an equation object, as attacks on Microsoft's Equation Editor do."
    author = "Lazaret"
    reference = "https://nvd.nist.gov/vuln/detail/CVE-2017-11882"
    severity = "critical"
  strings:
    $rtf = "{\\rt"
    $object = "\\objdata" nocase
    $class = "Equation.3" nocase
    $class_hex = /4571756174696f6e2e33/ nocase
    $clsid_hex = /02ce020000000000c000000000000046/ nocase
  condition:
    $rtf in (0..32) and $object and any of ($class, $class_hex, $clsid_hex)
}

rule Rtf_Object_Updates_Itself
{
  meta:
    description = "The RTF document embeds an object that loads by itself when the document is opened."
    author = "Lazaret"
    reference = "https://nvd.nist.gov/vuln/detail/CVE-2017-0199"
    severity = "high"
  strings:
    $rtf = "{\\rt"
    $update = "\\objupdate" nocase
    $link = /\\obj(autlink|link)/ nocase
    $data = "\\objdata" nocase
    $moniker = /e0c9ea79f9bace118c8200aa004ba90b|0303000000000000c000000000000046/ nocase
    $package = /5061636b616765/ nocase
  condition:
    $rtf in (0..32) and $update and $data and ($link or $moniker or $package)
}

rule Rtf_Embedded_Program
{
  meta:
    description = "The RTF document carries a program or script as a package inside."
    author = "Lazaret"
    reference = "https://attack.mitre.org/techniques/T1566/001/"
    severity = "high"
  strings:
    $rtf = "{\\rt"
    $data = "\\objdata" nocase
    $package = /5061636b61676500/ nocase
    $extension = /2e(657865|736372|6a73|766273|687461|626174|636d64|707331|6c6e6b)00/ nocase
  condition:
    $rtf in (0..32) and $data and $package and $extension
}

rule Office_Macro_Runs_On_Open
{
  meta:
    description = "The document contains a macro project that names a routine which runs when the document is opened."
    author = "Lazaret"
    reference = "https://attack.mitre.org/techniques/T1137/001/"
    severity = "medium"
  strings:
    $ole = { D0 CF 11 E0 A1 B1 1A E1 }
    $project = "_VBA_PROJECT" wide
    $auto = /(auto_?open|auto_?exec|auto_?close|document_?open|workbook_?open|document_?close)/ nocase
    $auto_wide = /(auto_?open|auto_?exec|auto_?close|document_?open|workbook_?open|document_?close)/ nocase wide
  condition:
    $ole at 0 and $project and ($auto or $auto_wide)
}

rule Office_Remote_Template
{
  meta:
    description = "The document loads a template from the network when it is opened."
    author = "Lazaret"
    reference = "https://attack.mitre.org/techniques/T1221/"
    severity = "high"
  strings:
    $rels = "schemas.openxmlformats.org/package/2006/relationships"
    $template = /Type\s*=\s*["'][^"']{1,120}\/(attachedTemplate|frame|oleObject)["'][^>]{0,300}Target\s*=\s*["'](https?|mhtml|ftp):/ nocase
    $template_reversed = /Target\s*=\s*["'](https?|mhtml|ftp):[^"']{1,400}["'][^>]{0,300}\/(attachedTemplate|frame|oleObject)["']/ nocase
  condition:
    filesize < 2MB and extension == "rels" and $rels and ($template or $template_reversed)
}

rule Office_Dde_Command
{
  meta:
    description = "A field of the document starts a command through DDE."
    author = "Lazaret"
    reference = "https://attack.mitre.org/techniques/T1559/002/"
    severity = "high"
  strings:
    $field = /\bDDE(AUTO)?["'\s]{1,4}["']?[^<]{0,60}(cmd|powershell|mshta|wscript|rundll32|regsvr32|msexcel|certutil)/ nocase
    $csv = /(^|[,;\t\n"])[=+\-@][^,;\n]{0,40}(cmd|powershell|mshta|rundll32|regsvr32|certutil)(\.exe)?\s*\|/ nocase
  condition:
    filesize < 20MB and (($field and extension matches /^(xml|rtf|docx?|html?)$/) or ($csv and extension matches /^(csv|tsv|txt|slk|xml|iqy)$/))
}

rule OneNote_Embedded_Program
{
  meta:
    description = "The OneNote page carries a program or script that a click on a picture starts."
    author = "Lazaret"
    reference = "https://attack.mitre.org/techniques/T1566/001/"
    severity = "high"
  strings:
    $one = { E4 52 5C 7B 8C D8 A7 4D AE B1 53 78 D0 29 96 D3 }
    $file = { E7 16 E3 BD 65 26 11 45 A4 C4 8D 4D 0B 7A 9E AC }
    $name = /\.(exe|scr|js|jse|vbs|vbe|wsf|hta|bat|cmd|ps1|lnk|chm)\x00/ nocase wide
    $code = /(wscript\.shell|powershell|<hta:application|<script|createobject\s*\()/ nocase
  condition:
    $one at 0 and $file and ($name or $code)
}
