rule Pdf_Script_With_Embedded_File
{
  meta:
    description = "The PDF contains a script that saves or opens a file embedded in it."
    analyst = "exportDataObject with nLaunch: the embedded file is scanned as a part of its own."
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
    analyst = "A Launch action with an interpreter or a program as its target; Acrobat asks, other readers may not."
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
    analyst = "An open action with code that decodes text or calls interfaces known from exploits."
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

rule Rtf_Object_Updates_Itself
{
  meta:
    description = "The RTF document embeds an object that loads by itself when the document is opened."
    analyst = "objupdate together with a linked object, URL moniker or package (CVE-2017-0199 and relatives)."
    author = "Lazaret"
    reference = "https://nvd.nist.gov/vuln/detail/CVE-2017-0199"
    severity = "high"
  strings:
    $rtf = "{\\rt"
    $update = /[^\\]\\objupdate/ nocase
    $link = /[^\\]\\obj(autlink|link)/ nocase
    $data = /[^\\]\\objdata/ nocase
    $moniker = /e0c9ea79f9bace118c8200aa004ba90b|0303000000000000c000000000000046/ nocase
    $package = /5061636b616765/ nocase
  condition:
    $rtf in (0..32) and $update and $data and ($link or $moniker or $package)
}

rule Rtf_Embedded_Program
{
  meta:
    description = "The RTF document carries a program or script as a package inside."
    analyst = "A Packager object whose file name ends like a program; a double click starts it."
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
    description = "The document contains a macro project that names a routine which runs when the document is opened or closed."
    analyst = "An automatic routine's name in a macro project; the rules on macro text say whether the macro is dangerous."
    author = "Lazaret"
    reference = "https://attack.mitre.org/techniques/T1137/001/"
    severity = "low"
  strings:
    $ole = { D0 CF 11 E0 A1 B1 1A E1 }
    $project = "_VBA_PROJECT" wide
    $auto = /(auto_?open|auto_?exec|auto_?close|document_?open|workbook_?open|document_?close)/ nocase
  condition:
    $ole at 0 and $project and $auto
}

rule Office_Remote_Template
{
  meta:
    description = "The document loads a template from the network when it is opened."
    analyst = "An external relationship of type template, frame or object: the fetched document may bring macros or an exploit."
    author = "Lazaret"
    reference = "https://attack.mitre.org/techniques/T1221/"
    severity = "high"
  strings:
    $rels = "schemas.openxmlformats.org/package/2006/relationships"
    $template = /Type\s*=\s*["'][^"']{1,120}\/(attachedTemplate|frame|oleObject)["'][^>]{0,300}Target\s*=\s*["'](https?|mhtml|ftp):/ nocase
    $template_reversed = /Target\s*=\s*["'](https?|mhtml|ftp):[^"']{1,400}["'][^>]{0,300}\/(attachedTemplate|frame|oleObject)["']/ nocase
    $cloud = /["']https:\/\/[\w.-]{1,80}\.(sharepoint\.com|docs\.live\.net)\// nocase
  condition:
    filesize < 2MB and extension == "rels" and $rels and ($template or $template_reversed) and not $cloud
}

rule Office_Dde_Command
{
  meta:
    description = "A field of the document starts a command through DDE."
    analyst = "A DDE field in a page of Word, or a formula with a pipe in text for Excel, names an interpreter; both ask, users agree."
    author = "Lazaret"
    reference = "https://attack.mitre.org/techniques/T1559/002/"
    severity = "high"
  strings:
    $word_page = "mso-element:field-begin" nocase
    $field = /\bDDE(AUTO)?["'\s]{1,4}["']?[^<]{0,60}(cmd|powershell|mshta|wscript|rundll32|regsvr32|msexcel|certutil)/ nocase
    $csv = /(^|[,;\t\n"])[=+\-@][^,;\n]{0,40}(cmd|powershell|mshta|rundll32|regsvr32|certutil)(\.exe)?\s*\|/ nocase
  condition:
    filesize < 20MB and (($field and $word_page and "|htm|html|mht|mhtml|" contains suffix) or ($csv and "|csv|tsv|txt|slk|xml|iqy|" contains suffix))
}

rule OneNote_Embedded_Program
{
  meta:
    description = "The OneNote page carries a program or script that a click on a picture starts."
    analyst = "A file data object with the name of a program or with script inside."
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

rule Pdf_Script_Starts_Program
{
  meta:
    description = "A script taken from a PDF saves and starts an embedded file or opens a program."
    analyst = "exportDataObject with nLaunch, or launchURL with a file or command, in script that stood in a stream."
    author = "Lazaret"
    reference = "https://attack.mitre.org/techniques/T1204/002/"
    severity = "high"
  strings:
    $export = /exportDataObject\s*\([^)]{0,200}nLaunch["']?\s*:\s*[12]/
    $launch = /(app\.)?launchURL\s*\(\s*["'](file:|\\\\|cmd|[a-z]:\\)/ nocase
  condition:
    filesize < 5MB and any of them and (extension == "js" or filepath icontains ".pdf/")
}

rule Pdf_Script_Exploits_Reader
{
  meta:
    description = "A script in a PDF fills memory or calls a function in the way known attacks on PDF readers do."
    analyst = "A heap spray, or arguments that served CVE-2007-5659, CVE-2008-2992, CVE-2009-0927, CVE-2009-4324 and relatives."
    author = "Lazaret"
    reference = "https://attack.mitre.org/techniques/T1203/"
    severity = "high"
  strings:
    $spray = /%u(9090|0c0c|0d0d|4141)(%u|\\u)?(%u)?(9090|0c0c|0d0d|4141)/ nocase
    $printf = /util\.printf\s*\(\s*["']%\d{4,6}f/
    $icon = /Collab\.(collectEmailInfo|getIcon)\s*\(/
    $player = /media\.newPlayer\s*\(\s*null\s*\)/
    $spell = /spell\.customDictionaryOpen\s*\(/
    $grow = /while\s*\([^)]{0,60}\.length\s*<[^)]{0,40}\)\s*\{?[^;{]{0,60}\+=/
    $unescape = /\bunescape\b/
    $pdf = "%PDF-"
  condition:
    filesize < 20MB and ($pdf in (0..1024) or filepath icontains ".pdf/") and ($printf or $player or $spell or ($spray and ($unescape or $grow)) or ($icon and ($unescape or $grow)))
}

rule Rtf_Broken_On_Purpose
{
  meta:
    description = "The RTF document has a false beginning that Word accepts, and embeds an object; only attacks are written so."
    analyst = "The control word is not \\rtf1 as every writer has it; meant to pass scanners that look for it."
    author = "Lazaret"
    reference = "https://attack.mitre.org/techniques/T1027/"
    severity = "high"
  strings:
    $data = /\\objdata|\\objupdate|\\objocx|\\objemb/ nocase
    $proper = "{\\rtf"
  condition:
    uint32be(0) == 0x7B5C7274 and not $proper at 0 and $data
}

rule Rtf_Remote_Template
{
  meta:
    description = "The RTF document loads a template from the network when it is opened."
    analyst = "The template group holds an address; the fetched document may bring macros or an exploit."
    author = "Lazaret"
    reference = "https://attack.mitre.org/techniques/T1221/"
    severity = "high"
  strings:
    $rtf = "{\\rt"
    $template = /\\\*\s{0,4}\\template[\s{]{1,8}(https?:|ftp:|\\\\\\\\|file:|\\u-?\d{1,6}|\\'[0-9a-f]{2})/ nocase
  condition:
    $rtf in (0..32) and $template
}

rule Ole_Equation_Overflow
{
  meta:
    description = "An equation object carries a font name that overruns the memory of Microsoft's Equation Editor."
    analyst = "CVE-2017-11882: a font record longer than the editor's buffer, often followed by a command line."
    author = "Lazaret"
    reference = "https://nvd.nist.gov/vuln/detail/CVE-2017-11882"
    severity = "critical"
  strings:
    $font = /\x03[\x00\x01]\x01[\x00-\x05][\x00-\x20][\x00-\x20]?\x01?\x08[^\x00]{2}[^\x00]{36}/
    $command = /(cmd(\.exe)?\s{0,3}\/c|mshta|regsvr32|rundll32|powershell)/ nocase
  condition:
    filesize < 1MB and (filepath icontains "equation native" or filepath icontains "eqnedt") and any of them
}

rule Ole_Script_Moniker
{
  meta:
    description = "An embedded object points to a script or web document that runs when the object is loaded."
    analyst = "Class identifiers of script, HTML or URL monikers inside an OLE stream (CVE-2017-0199, CVE-2017-8570)."
    author = "Lazaret"
    reference = "https://nvd.nist.gov/vuln/detail/CVE-2017-0199"
    severity = "high"
  strings:
    $url = { E0 C9 EA 79 F9 BA CE 11 8C 82 00 AA 00 4B A9 0B }
    $script = { C6 AF AB EC 19 7F D2 11 97 8E 00 00 F8 75 7E 2A }
    $scriptlet = { 4E 38 29 06 C8 8F D2 11 B1 76 00 C0 4F 72 5D 9D }
    $target = /(\.sct\b|\.wsc\b|\.hta\b|script:)/ nocase ascii wide
    $web = "http" nocase wide
  condition:
    filesize < 5MB and (filepath icontains "ole" or filepath icontains "package" or filepath icontains "object" or filepath icontains "embeddings") and ($script or ($url and ($target or $web) and (filepath icontains "\x01ole" or filepath icontains "ole10" or filepath icontains "object")) or ($scriptlet and $target))
}
