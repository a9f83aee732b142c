rule Program_Installer_Or_Archive
{
  meta:
    description = "This is a Windows program that unpacks itself or installs something."
    analyst = "NSIS, Inno Setup, 7-Zip or WinRAR self-extractor; the files inside are scanned where they could be unpacked."
    author = "Lazaret"
    reference = "https://attack.mitre.org/techniques/T1204/002/"
    severity = "low"
  strings:
    $nsis = "NullsoftInst"
    $inno = "Inno Setup Setup Data"
    $seven = ";!@Install@!UTF-8!"
    $rar = "WINRAR.SFX"
  condition:
    Aspect_Program and any of them
}

rule Program_From_Script_Compiler
{
  meta:
    description = "This Windows program was made from an AutoIt script, which malware likes because it hides the script."
    analyst = "The compiled script can be extracted (AU3!EA06); honest administrators use AutoIt too."
    author = "Lazaret"
    reference = "https://attack.mitre.org/techniques/T1059/010/"
    severity = "medium"
  strings:
    $marker = "AU3!EA06"
    $text = "This is a third-party compiled AutoIt script." ascii wide
  condition:
    Aspect_Program and any of them
}

rule Program_Packed
{
  meta:
    description = "This Windows program is compressed, so that its code cannot be seen from outside."
    analyst = "UPX, MPRESS or ASPack sections; unpack before judging."
    author = "Lazaret"
    reference = "https://attack.mitre.org/techniques/T1027/002/"
    severity = "low"
  strings:
    $upx = { 55 50 58 30 00 00 00 00 }
    $mpress = ".MPRESS1"
    $aspack = ".aspack"
  condition:
    Aspect_Program and for any of them : ($ in (0..4096))
}

rule Program_Protected
{
  meta:
    description = "This Windows program is wrapped in a protector that defeats examination."
    analyst = "Sections of Themida, VMProtect, Enigma or ConfuserEx; some games and licensed tools have them as well."
    author = "Lazaret"
    reference = "https://attack.mitre.org/techniques/T1027/002/"
    severity = "medium"
  strings:
    $themida = ".themida"
    $vmp = ".vmp0"
    $enigma = ".enigma1"
    $confuser = "ConfusedByAttribute"
  condition:
    Aspect_Program and ($confuser or for any of ($themida, $vmp, $enigma) : ($ in (0..4096)))
}

rule Program_Named_Like_Document
{
  meta:
    description = "The program's own description calls it a document."
    analyst = "OriginalFilename or InternalName in the version resource ends like .pdf.exe; made to be mistaken."
    author = "Lazaret"
    reference = "https://attack.mitre.org/techniques/T1036/007/"
    severity = "high"
  strings:
    $name = /(OriginalFilename|InternalName)\x00{1,4}[^\x00\r\n]{1,80}\.(pdf|docx?|xlsx?|jpe?g|png|txt)\.(exe|scr|com)/ nocase wide
    $plain = /O\x00r\x00i\x00g\x00i\x00n\x00a\x00l\x00F\x00i\x00l\x00e\x00n\x00a\x00m\x00e\x00[\x00-\x7f]{2,120}\.\x00(p\x00d\x00f|d\x00o\x00c|d\x00o\x00c\x00x|x\x00l\x00s|x\x00l\x00s\x00x|j\x00p\x00g)\x00\.\x00(e\x00x\x00e|s\x00c\x00r)/
  condition:
    Aspect_Program and any of them
}

rule Program_Beacon
{
  meta:
    description = "The content is a remote-control program of the kind that attackers use after breaking in."
    analyst = "Strings of Cobalt Strike's beacon or of its loader; search the network for its watermark and pipe names."
    author = "Lazaret"
    reference = "https://attack.mitre.org/software/S0154/"
    severity = "critical"
  strings:
    $name = /beacon(\.x64)?\.dll\x00/
    $loader = "ReflectiveLoader"
    $spawn = "could not spawn %s: %d"
    $token = "%s as %s\\%s: %d"
    $post = "HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nContent-Length: %d"
    $admin = "%s (admin)"
    $pipe = /\\\\(%s|\.)\\pipe\\(msagent_|MSSE-|status_|postex_)/
    $power = "IEX (New-Object Net.Webclient).DownloadString('http://127.0.0.1:%u/')"
  condition:
    filesize < 20MB and (3 of them or ($loader and ($name or $pipe)))
}

rule Program_Steals_Passwords_From_Memory
{
  meta:
    description = "The content is a tool that reads passwords out of Windows' memory."
    analyst = "Commands and names of Mimikatz or its ports."
    author = "Lazaret"
    reference = "https://attack.mitre.org/software/S0002/"
    severity = "high"
  strings:
    $command = /sekurlsa::(logonpasswords|minidump|pth|wdigest|tickets)/ nocase ascii wide
    $dump = /(lsadump::(sam|dcsync|lsa|secrets)|kerberos::(golden|ptt)|privilege::debug)/ nocase ascii wide
    $author = /gentilkiwi|mimikatz/ nocase ascii wide
    $invoke = /Invoke-Mimikatz/ nocase ascii wide
  condition:
    filesize < 30MB and ((Aspect_Program and 2 of ($command, $dump, $author)) or (Aspect_Windows_Script and ($invoke or $command or $dump)))
}

rule Program_Sends_Browser_Passwords
{
  meta:
    description = "The program reads passwords that browsers have saved and sends them to a chat service."
    analyst = "Names of browser databases and their decryption next to a Telegram or Discord address: an information stealer."
    author = "Lazaret"
    reference = "https://attack.mitre.org/techniques/T1555/003/"
    severity = "high"
  strings:
    $login = "Login Data" ascii wide
    $cookies = /\\(Network\\)?Cookies\b/ ascii wide
    $key = "encrypted_key" ascii wide
    $unprotect = "CryptUnprotectData" ascii wide
    $wallet = /\\(Exodus|Electrum|Atomic|Ethereum)\\|wallet\.dat|metamask/ nocase ascii wide
    $exit = /api\.telegram\.org\/bot|discord(app)?\.com\/api\/webhooks/ nocase ascii wide
  condition:
    filesize < 60MB and $exit and (Aspect_Program or Aspect_Windows_Script or Aspect_Unix_Script or uint32be(0) == 0x7F454C46) and 2 of ($login, $cookies, $key, $unprotect, $wallet)
}

rule Shellcode_Start
{
  meta:
    description = "The content contains the first instructions of a well-known attack payload."
    analyst = "The prologue that Metasploit and Cobalt Strike stagers share (API search by hash through the PEB), as bytes or written as text."
    author = "Lazaret"
    reference = "https://attack.mitre.org/techniques/T1055/"
    severity = "critical"
  strings:
    $x86 = { FC E8 (82 | 89 | 8F) 00 00 00 60 (89 E5 | 31) }
    $x64 = { FC 48 83 E4 F0 E8 (C0 | C8 | CC) 00 00 00 41 51 41 50 52 }
    $base64 = /\/(OiCAAAAYInlM|OiJAAAAYInlM|OiPAAAAYDHS|EiD5PDowAAAAEFRQVBS|EiD5PDoyAAAAEFRQVBS|EiD5PDozAAAAEFRQVBS)/
    $escaped = /\\xfc\\x(e8\\x8[29f]\\x00\\x00\\x00\\x60|48\\x83\\xe4\\xf0\\xe8\\xc[08c]\\x00\\x00\\x00)/ nocase
    $list = /(0xfc|252|&hfc),\s{0,3}((0xe8|232|&he8),\s{0,3}(0x8[29f]|13[07]|143|&h8[29f]),\s{0,3}(0x00?|0|&h0),|(0x48|72|&h48),\s{0,3}(0x83|131|&h83),\s{0,3}(0xe4|228|&he4),\s{0,3}(0xf0|240|&hf0),)/ nocase
    $signed = /-4,\s{0,3}-24,\s{0,3}-1(26|19|13),\s{0,3}0,\s{0,3}0,|-4,\s{0,3}72,\s{0,3}-125,\s{0,3}-28,\s{0,3}-16,/
  condition:
    filesize < 30MB and ($x86 or $x64 or (($base64 or $escaped or $list or $signed) and (Aspect_Windows_Script or Aspect_Unix_Script or Aspect_Macro_Text or Aspect_Web_Page or "|txt|xml|csproj|c|cs|cpp|go|nim|rs|" contains suffix)))
}

rule Elf_Botnet_Client
{
  meta:
    description = "This Linux program is a client of a botnet for devices."
    analyst = "Strings of the Mirai and Gafgyt families: the busybox probe, flood commands, the scanner's prompts."
    author = "Lazaret"
    reference = "https://attack.mitre.org/techniques/T1498/"
    severity = "high"
  strings:
    $probe = /\/bin\/busybox [A-Z]{4,10}\x00/
    $applet = /[A-Z]{4,10}: applet not found/
    $flood = /\b(UDPFLOOD|TCPFLOOD|HTTPFLOOD|SYNFLOOD|KILLATTK|GETLOCALIP|LOLNOGTFO|JUNKFLOOD|STDFLOOD)\b/
    $watchdog = "/dev/misc/watchdog"
    $prompt = /\x00(enable|shell|linuxshell|system)\x00(enable|shell|sh|system|ping ;sh)\x00/
  condition:
    uint32be(0) == 0x7F454C46 and filesize < 10MB and (2 of ($probe, $applet, $watchdog, $prompt) or #flood > 1)
}

rule Android_Takes_Over_Phone
{
  meta:
    description = "This app asks for the rights with which phone malware reads messages and operates other apps."
    analyst = "Accessibility service, SMS and package installation in one manifest; check the signer before anything else."
    author = "Lazaret"
    reference = "https://attack.mitre.org/techniques/T1626/"
    severity = "medium"
  strings:
    $accessibility = "android.permission.BIND_ACCESSIBILITY_SERVICE" ascii wide
    $sms = /android\.permission\.(RECEIVE|READ|SEND)_SMS/ ascii wide
    $install = "android.permission.REQUEST_INSTALL_PACKAGES" ascii wide
    $overlay = "android.permission.SYSTEM_ALERT_WINDOW" ascii wide
    $admin = "android.permission.BIND_DEVICE_ADMIN" ascii wide
  condition:
    filename == "AndroidManifest.xml" and $sms and ($accessibility or $admin) and ($install or $overlay)
}

rule Disk_Image_With_Shortcut
{
  meta:
    description = "A disk image contains a shortcut, which is how attacks start hidden programs past the download mark."
    analyst = "An ISO with a .lnk in its directory; look at its target and at the hidden files beside it."
    author = "Lazaret"
    reference = "https://attack.mitre.org/techniques/T1553/005/"
    severity = "high"
  strings:
    $plain = /[\w. -]{1,80}\.LNK(;1)?[\x00-\x1f]/
    $wide = { 00 2E 00 6C 00 6E 00 6B }
    $wide_upper = { 00 2E 00 4C 00 4E 00 4B }
    $udf = /\.lnk[\x00-\x08]/
  condition:
    filesize > 34KB and filesize < 100MB and uint32be(32769) == 0x43443030 and
    ($plain in (32768..2097152) or $wide in (32768..2097152) or $wide_upper in (32768..2097152) or $udf in (32768..2097152))
}

rule Ransom_Note
{
  meta:
    description = "The text is a letter of extortion: files were encrypted and money is asked for."
    analyst = "The note itself harms nothing; whoever sent it may have an infected computer right now."
    author = "Lazaret"
    reference = "https://attack.mitre.org/techniques/T1486/"
    severity = "medium"
  strings:
    $locked = /(your|all)\s[^\r\n.]{0,60}(files?|data|documents|network|servers?)[^\r\n.]{0,80}(encrypted|locked|stolen|exfiltrated)/ nocase
    $undo = /\b(decrypt(or|ion|er)?|recover|restore)\b/ nocase
    $onion = /[a-z2-7]{16,56}\.onion\b/ nocase
    $pay = /\b(bitcoin|btc|monero|xmr)\b/ nocase
    $identity = /(personal|your|unique|decryption|victim|chat)\s*(id|key|code|identifier)\b/ nocase
    $warn = /(do\s+not|don'?t|never)\s[^\r\n]{0,40}(rename|modify|shut\s?down|third[\s-]party|police|recovery)/ nocase
  condition:
    filesize < 200KB and "|txt|hta|htm|html|rtf||" contains suffix and $locked and $undo and ($onion or $pay) and ($identity and $warn)
}
