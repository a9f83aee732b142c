rule Html_Smuggling
{
  meta:
    description = "The page builds a file in the browser and makes it download itself, past every mail gateway."
    analyst = "Encoded data becomes a Blob that is saved by a click of the script; the name ends like an archive, disk image, program or script."
    author = "Lazaret"
    reference = "https://attack.mitre.org/techniques/T1027/006/"
    severity = "high"
  strings:
    $decode = /\batob\s*\(|uint8array|fromcharcode|parseint\s*\(/ nocase
    $blob = /new\s+blob\s*\(|new\s+file\s*\(|data:application\/(octet-stream|zip|x-msdownload|x-iso9660-image|x-zip-compressed|vnd\.ms-excel[\w.]{0,40}|hta);base64/ nocase
    $url = /createobjecturl|mssaveoropenblob|mssaveblob|data:application\// nocase
    $download = /\.download\s*=|setattribute\s*\(\s*["']download["']|\bdownload\s*=|mssaveoropenblob|mssaveblob/ nocase
    $click = /\.click\s*\(\s*\)|\[["']click["']\]|dispatchevent|mssaveoropenblob|mssaveblob/ nocase
    $name = /["'`][^"'`\r\n<>\/]{0,80}\.(zip|rar|7z|iso|img|vhdx?|exe|scr|msi|js|jse|vbs|vbe|wsf|hta|lnk|bat|cmd|ps1|docm|xlsm|xlsb|one|jar|cab|dll|pif)["'`]/ nocase
    $data = /["'`](UEsDB|TVqQ|TVpQ|TVoA|AAAAAAAAAAAAAAAAAAAA|UmFyIRo|N3q8rycc|0M8R4KGx|H4sI|TVNDRg|WDVPIVAl|PHNjcmlwd|PCFE|PGh0bW|PEhUTU|e1xydGY|TAAAAAEUAgAAAAAAwA|JVBERi|5FJce4zYp02u)|\batob\s*\(\s*["'`][A-Za-z0-9+\/]{100}/
  condition:
    Aspect_Web_Page and $decode and $blob and $url and $download and $click and $name and $data
}

rule Html_Builds_Download
{
  meta:
    description = "A small page decodes a long hidden text into a file and saves it without being asked."
    analyst = "The steps of HTML smuggling without a telling file name; decode the text and look at what is saved."
    author = "Lazaret"
    reference = "https://attack.mitre.org/techniques/T1027/006/"
    severity = "medium"
  strings:
    $decode = /\batob\s*\(/ nocase
    $blob = /new\s+(blob|file)\s*\(/ nocase
    $url = /createobjecturl|mssaveoropenblob/ nocase
    $click = /\.click\s*\(\s*\)|\[["']click["']\]|dispatchevent|mssaveoropenblob/ nocase
    $data = /["'`](UEsDB|TVqQ|TVpQ|TVoA|AAAAAAAAAAAAAAAAAAAA|UmFyIRo|N3q8rycc|0M8R4KGx|H4sI|TVNDRg|WDVPIVAl|PHNjcmlwd|PCFE|PGh0bW|PEhUTU|e1xydGY|TAAAAAEUAgAAAAAAwA|JVBERi|5FJce4zYp02u)|\batob\s*\(\s*["'`][A-Za-z0-9+\/]{100}/
    $library = /plotly\.js|jupyter|FileSaver|jspdf|webpackChunk|__webpack_require__/ nocase
  condition:
    filesize < 2MB and Aspect_Web_Page and $decode and $blob and $url and $click and $data and not $library
}

rule Svg_With_Script_Redirect
{
  meta:
    description = "A picture (SVG) contains a script that leads the reader to another page."
    analyst = "Pictures have no need to navigate; the target is usually a log-in page for the recipient's mail."
    author = "Lazaret"
    reference = "https://attack.mitre.org/techniques/T1027/017/"
    severity = "high"
  strings:
    $svg = "<svg" nocase
    $script = /<script|\bonload\s*=|\bonerror\s*=/ nocase
    $leave = /(window|document|top|self|parent)?\.?location(\.href)?\s*=|location\.(replace|assign)\s*\(|location\[|window\.open\s*\(/ nocase
  condition:
    filesize < 5MB and $svg in (0..4096) and $script and $leave and (extension == "svg" or filetype == "image/svg+xml")
}

rule Svg_With_Hidden_Script
{
  meta:
    description = "A picture (SVG) contains a script that decodes hidden text and runs or shows it."
    analyst = "eval, Function, atob or character codes inside an SVG; design tools write none of that."
    author = "Lazaret"
    reference = "https://attack.mitre.org/techniques/T1027/017/"
    severity = "high"
  strings:
    $svg = "<svg" nocase
    $script = "<script" nocase
    $hidden = /\batob\s*\(|\beval\s*\(|new\s+function\s*\(|fromcharcode|document\.write\s*\(|\bunescape\s*\(|createobjecturl/ nocase
  condition:
    filesize < 5MB and $svg in (0..4096) and $script and $hidden and (extension == "svg" or filetype == "image/svg+xml")
}

rule Html_Password_Form_Posts_Elsewhere
{
  meta:
    description = "An attached page asks for a password and sends it to another server."
    analyst = "Saved copies of genuine log-in pages look like this too; compare the form's target with the page's brand."
    author = "Lazaret"
    reference = "https://attack.mitre.org/techniques/T1566/001/"
    severity = "low"
  strings:
    $form = /<form[^>]{0,300}action\s*=\s*["']?https?:\/\// nocase
    $password = /<input[^>]{0,300}type\s*=\s*["']?password/ nocase
  condition:
    filesize < 5MB and $form and $password and "|htm|html|shtml|xhtml|svg|" contains suffix
}

rule Phish_Sends_Password_To_Collector
{
  meta:
    description = "An attached page asks for a password and sends it to a chat bot or an anonymous collecting service."
    analyst = "Telegram, Discord, webhook.site, form relays or script hosts as exfiltration; the address identifies the kit's operator."
    author = "Lazaret"
    reference = "https://attack.mitre.org/techniques/T1567/"
    severity = "high"
  strings:
    $password = /type\s*=\s*\\?["']?password|\.type\s*=\s*["']password/ nocase
    $collector = /api\.telegram\.org\/bot|discord(app)?\.com\/api\/webhooks|webhook\.site\/|requestbin\.|pipedream\.net|formspree\.io\/|getform\.io\/|submit-form\.com|formsubmit\.co\/|formcarry\.com\/|smtpjs\.com|script\.google\.com\/macros\/s\/|usebasin\.com\/|nocodeform\.io|api\.emailjs\.com/ nocase
  condition:
    filesize < 10MB and Aspect_Web_Page and all of them
}

rule Phish_Imitates_Sign_In
{
  meta:
    description = "An attached page imitates the sign-in of a well-known mail or cloud service and sends the password to somebody else."
    analyst = "Images or texts of Microsoft, Google, Adobe, DHL or webmail together with a password field and a target that is a PHP file or a foreign script."
    author = "Lazaret"
    reference = "https://attack.mitre.org/techniques/T1598/003/"
    severity = "high"
  strings:
    $password = /type\s*=\s*\\?["']?password/ nocase
    $brand = /aadcdn\.ms(ft)?auth\.net|logincdn\.ms(ft)?auth|microsoft_logo|office\s?365|outlook\s+web|sign in to your (microsoft )?account|onedrive|sharepoint|adobe\s+(pdf|document|reader)|docusign|\bdhl\b|roundcube|zimbra|webmail/ nocase
    $target = /(action\s*=\s*|url\s*:\s*|fetch\s*\(\s*|post\s*["']?\s*[(,]\s*)["'`]?h[t][t]ps?:[^"'`\s>]{4,120}\.php\b/ nocase
  condition:
    filesize < 5MB and "|htm|html|shtml|xhtml|svg|mht|" contains suffix and all of them
}

rule Phish_Leads_On_With_Decoded_Address
{
  meta:
    description = "An attached page leads the reader at once to an address that it hides."
    analyst = "location is set from atob, character codes or a reversed string, often with the recipient's address from the fragment."
    author = "Lazaret"
    reference = "https://attack.mitre.org/techniques/T1566/002/"
    severity = "high"
  strings:
    $direct = /location(\.href|\.replace|\.assign|\[["']\w{4,8}["']\])?\s*[=(]\s*[^;\r\n]{0,60}(\batob\s*\(|fromcharcode|unescape\s*\(\s*["']%|\.reverse\(\)\.join)/ nocase
    $stored = /(\w{1,40})\s*=\s*(window\.)?atob\s*\(\s*["'][A-Za-z0-9+\/=]{16,600}["']\s*\)/
    $leave = /location(\.href)?\s*=\s*\w|location\.(replace|assign)\s*\(\s*\w/ nocase
  condition:
    filesize < 300KB and "|htm|html|shtml|xhtml|svg|" contains suffix and ($direct or ($stored and $leave))
}

rule Phish_Page_Written_From_Code
{
  meta:
    description = "An attached page consists of hidden code that writes the real page when it is opened."
    analyst = "document.write, eval or Function over atob or unescape of a long text; print the decoded text instead of running it."
    author = "Lazaret"
    reference = "https://attack.mitre.org/techniques/T1027/"
    severity = "high"
  strings:
    $write = /(document\.write(ln)?|document\[["']write["']\]|\beval|new\s+function|\.innerhtml\s*=)\s*\(?\s*(decodeuricomponent\s*\(\s*)?(escape\s*\(\s*)?(window\.|self\.)?(atob|unescape|decodeuricomponent)\s*\(\s*(["'`]|\w{1,30}\s*[).+])/ nocase
    $base64 = /(\batob|unescape|decodeuricomponent)\s*\(\s*["'`][A-Za-z0-9+\/]{100}|["'`](PCFE|PGh0bW|PEhUTU|PHNjcmlwd|PGJvZHk|PGRpd|PGhlYWQ|PGZvcm0)/
    $percent = /(%[0-9a-f]{2}){100}/ nocase
  condition:
    filesize < 5MB and "|htm|html|shtml|xhtml|svg|" contains suffix and $write and ($base64 or #percent > 8)
}

rule Page_Makes_Reader_Paste_Command
{
  meta:
    description = "The page puts a command into the clipboard and tells the reader to paste and run it."
    analyst = "The ClickFix pattern: a false check or error, Win+R or a terminal, Ctrl+V; the command stands in the page."
    author = "Lazaret"
    reference = "https://attack.mitre.org/techniques/T1204/004/"
    severity = "high"
  strings:
    $copy = /clipboard\.writetext|execcommand\s*\(\s*["']copy["']/ nocase
    $command = /powershell|mshta|cmd(\.exe)?\s+\/c|\bcurl\s|msiexec|rundll32|\biex\b|osascript|base64\s+-d/ nocase
    $keys = /(win(dows)?(\s+key|\s+button)?|⊞|<kbd>win<\/kbd>|fa-windows)[^\r\n]{0,80}\+\s*(<[^>]{1,60}>\s*){0,4}["']?r\b|win\s*\+\s*x/ nocase
    $paste = /(ctrl|control)(<[^>]{1,60}>|\s){0,4}\+\s*(<[^>]{1,60}>\s*){0,4}v\b/ nocase
  condition:
    filesize < 5MB and Aspect_Web_Page and all of them
}

rule Page_Opens_Tool_By_Protocol
{
  meta:
    description = "The page starts a tool of Windows or Office through a special address."
    analyst = "ms-msdt (CVE-2022-30190), search-ms with a foreign share, ms-officecmd, ms-appinstaller: handlers that run what the address says."
    author = "Lazaret"
    reference = "https://nvd.nist.gov/vuln/detail/CVE-2022-30190"
    severity = "high"
  strings:
    $diagnose = /(location(\.href)?\s*=\s*|href\s*=\s*|src\s*=\s*|url\s*=\s*|target\s*=\s*|window\.open\s*\(\s*)\\?["']?\s*ms-msdt:[^"'>]{0,400}(pcwdiagnostic|it_rebrowseforfile|it_browseforfile)/ nocase
    $search = /(location(\.href)?\s*=\s*|href\s*=\s*|src\s*=\s*|url\s*=\s*|target\s*=\s*|window\.open\s*\(\s*)\\?["']?\s*search(-ms)?:[^"'>]{0,300}(crumb=location:|subquery=)(\\|%5c|https?:|file:)/ nocase
    $office = /(location(\.href)?\s*=\s*|href\s*=\s*|src\s*=\s*|url\s*=\s*|target\s*=\s*|window\.open\s*\(\s*)\\?["']?\s*ms-officecmd:/ nocase
    $installer = /(location(\.href)?\s*=\s*|src\s*=\s*|window\.open\s*\(\s*)\\?["']?\s*ms-appinstaller:\?source=/ nocase
  condition:
    filesize < 5MB and any of them
}

rule Page_Drops_Program
{
  meta:
    description = "The page contains a script for Internet Explorer that writes a program to the disk and starts it."
    analyst = "VBScript in HTML with FileSystemObject and a hexadecimal program, as the Ramnit family adds to every page it finds."
    author = "Lazaret"
    reference = "https://attack.mitre.org/techniques/T1189/"
    severity = "high"
  strings:
    $script = /<script[^>]{0,80}vbscript/ nocase
    $object = /createobject\s*\(\s*["']scripting\.filesystemobject/ nocase
    $program = /["']4d5a[0-9a-f]{20}/ nocase
    $run = /wscript\.shell|\.run\b|shell\.application/ nocase
  condition:
    filesize < 20MB and $script and $object and ($program or $run)
}

rule Help_File_Runs_Program
{
  meta:
    description = "A page of a help file starts a program when it is shown."
    analyst = "The HTML Help control's ShortCut command with an interpreter, clicked by script."
    author = "Lazaret"
    reference = "https://attack.mitre.org/techniques/T1218/001/"
    severity = "high"
  strings:
    $control = /adb880a6-d8ff-11cf-9377-00aa003b7a11/ nocase
    $shortcut = /value\s*=\s*["']?shortcut/ nocase
    $command = /(cmd|powershell|mshta|wscript|cscript|rundll32|regsvr32|certutil|hh|msiexec)(\.exe)?\s*,/ nocase
  condition:
    filesize < 5MB and all of them
}

rule Shortcut_Starts_Command
{
  meta:
    description = "A Windows shortcut starts a command interpreter instead of opening a document."
    analyst = "Target and arguments of the LNK lead to an interpreter or loader; the icon usually imitates a document."
    author = "Lazaret"
    reference = "https://attack.mitre.org/techniques/T1204/002/"
    severity = "high"
  strings:
    $shell = /(powershell|pwsh|cmd\.exe|mshta|wscript|cscript|rundll32|regsvr32|certutil|bitsadmin|msiexec|curl\.exe|forfiles|pcalua|conhost|ssh\.exe|explorer\.exe)/ nocase ascii wide
    $args = /(-w(in|indowstyle)?\s{1,3}(hidden|1|h)\b|-e(nc|p|c)?\s|-nop|\/c\s|\/k\s|\/v\s|javascript:|vbscript:|\.(ps1|vbs|js|jse|hta|dll|bat|cmd|scr)\b|\/i\s|-command|iex\b|proxycommand)/ nocase ascii wide
  condition:
    uint32(0) == 0x0000004C and uint32(4) == 0x00021401 and filesize < 20MB and $shell and $args
}

rule Internet_Shortcut_To_Program
{
  meta:
    description = "An internet shortcut opens a program or a foreign file share instead of a web page."
    analyst = "A file:, UNC or WebDAV target, or a program's name; opening it also sends the user's NTLM hash."
    author = "Lazaret"
    reference = "https://attack.mitre.org/techniques/T1204/001/"
    severity = "high"
  strings:
    $section = "[InternetShortcut]" nocase
    $target = /(url|iconfile)\s*=\s*(file:\/\/[^\/\r\n]|file:[\/\\]{4}|\\\\[^\r\n]|[^\r\n]{4,200}\.(exe|scr|js|vbs|hta|lnk|cpl|msi|bat|cmd)\s*[\r\n])/ nocase
  condition:
    filesize < 64KB and $section and $target
}

rule Shell_Item_Runs_Command
{
  meta:
    description = "A settings or library file of Windows runs a command or opens a foreign share when it is opened."
    analyst = ".settingcontent-ms with a DeepLink to an interpreter, .library-ms or .searchconnector-ms with a remote location, .scf with a remote icon, .theme or .diagcab with a remote path."
    author = "Lazaret"
    reference = "https://attack.mitre.org/techniques/T1204/002/"
    severity = "high"
  strings:
    $deep = /<DeepLink>[^<]{0,400}(cmd|powershell|mshta|wscript|rundll32|regsvr32)/ nocase
    $library = /<(libraryDescription|searchConnectorDescription)/ nocase
    $remote = /<url>\s*(https?:\/\/|\\\\|file:\/\/[^\/])/ nocase
    $scf = /\[Shell\][^\x00]{0,200}(IconFile|Command)\s*=\s*\\\\/ nocase
    $theme = /(Wallpaper|BrandImage|SCRNSAVE\.EXE|Path)\s*=\s*\\\\[\w.@-]{3,80}\\/ nocase
  condition:
    filesize < 1MB and ($deep or ($library and $remote) or ($scf and extension == "scf") or ($theme and "|theme|themepack|msstyles|" contains suffix))
}
