rule Shell_Download_Piped_To_Shell
{
  meta:
    description = "A shell script fetches a script from the network and runs it at once, as many installers do."
    analyst = "curl or wget into a shell; normal in installation scripts, worth a look in anything else."
    author = "Lazaret"
    reference = "https://attack.mitre.org/techniques/T1059/004/"
    severity = "low"
  strings:
    $piped = /\b(curl|wget)\s[^\r\n|]{1,300}\|\s*(sudo\s+)?(ba|z|da)?sh\b/
  condition:
    filesize < 1MB and Aspect_Unix_Script and $piped
}

rule Shell_Opens_Remote_Shell
{
  meta:
    description = "A script connects to another computer and hands it a command line."
    analyst = "A reverse shell one-liner (bash /dev/tcp, nc -e, mkfifo, Python, Perl, PHP, Ruby or PowerShell sockets)."
    author = "Lazaret"
    reference = "https://attack.mitre.org/techniques/T1059/004/"
    severity = "high"
  strings:
    $bash = /sh\s+-i\s*(>|>>|<|0)&?\s*(&?\s*)?\/dev\/(tcp|udp)\//
    $exec = /exec\s+\d{1,3}<>\s*\/dev\/tcp\/[^\r\n]{1,80}[;\n]/
    $netcat = /\b(nc|ncat|netcat)\s[^\r\n]{0,60}-[a-z]{0,3}(e|c)\s*(\/bin\/|\/usr\/bin\/)?(ba|z)?sh\b/
    $fifo = /mkfifo\s+\S{1,60}[^\r\n]{0,120}\|\s*(nc|ncat|openssl\s+s_client|telnet)\s/
    $python = /socket\.socket\([^\n]{0,200}\.connect\(\(/
    $python_dup = /os\.dup2\(\s*\w{1,20}\.fileno\(\)\s*,\s*[012]\s*\)/
    $perl = /use\s+Socket[^\n]{0,300}(open\(STDIN,\s*["']>&|exec\s*[\{(]?\s*["']\/bin\/sh)/
    $power = /Net\.Sockets\.TCPClient/ nocase
    $power_run = /\b(iex|invoke-expression)\b/ nocase
    $power_loop = /\.GetStream\(\)/ nocase
  condition:
    filesize < 2MB and (Aspect_Unix_Script or Aspect_Windows_Script or extension == "desktop") and
    ($bash or $exec or $netcat or $fifo or ($python and $python_dup) or $perl or ($power and $power_run and $power_loop))
}

rule Shell_Dropper_For_Devices
{
  meta:
    description = "A shell script fetches programs into a temporary folder, makes them executable, starts and deletes them, as botnets for devices do."
    analyst = "The loader of the Mirai and Gafgyt families: a chain of cd, wget or curl or tftp, chmod, start and rm for several processors."
    author = "Lazaret"
    reference = "https://attack.mitre.org/techniques/T1105/"
    severity = "high"
  strings:
    $place = /cd\s+\/(tmp|var\/run|mnt|root|dev\/shm|var\/tmp)\s*(\|\||;|&&)/
    $fetch = /\b(wget|curl|tftp|ftpget)\s[^;\r\n]{3,200}/
    $mode = /chmod\s+(\+x|[0-7]{0,1}7[0-7]{2})\s/
    $start = /[;&\n]\s*(\.\/|sh\s|\/(tmp|dev\/shm|var\/tmp)\/)[\w.$\{\}\/-]{1,60}/
    $remove = /\brm\s+-r?f/
    $address = /(wget|curl|tftp|ftpget)\s[^;\r\n]{0,60}\b\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}\b/
  condition:
    filesize < 200KB and (Aspect_Unix_Script or "|txt||" contains suffix) and $place and $fetch and $mode and $start and ($remove or #fetch > 3) and ($address or #place > 2)
}

rule Shell_Decodes_And_Runs
{
  meta:
    description = "A shell script decodes hidden text and runs it as commands."
    analyst = "base64, xxd, openssl or gunzip output piped to an interpreter or eval; self-extracting installers use tail and tar instead."
    author = "Lazaret"
    reference = "https://attack.mitre.org/techniques/T1140/"
    severity = "medium"
  strings:
    $piped = /\b(base64|base32)\s+(-d|-D|--decode)\b[^\r\n]{0,120}\|\s*(sudo\s+)?(ba|z|da)?sh\b/
    $eval = /\beval\s+["']?(\$\(|`)[^\r\n]{0,4000}(base64\s+(-d|-D|--decode)|xxd\s+-r|openssl\s+enc)/
    $python = /\bexec\s*\(\s*((__import__\(["'](base64|zlib|marshal|codecs)["']\)|base64|zlib|marshal|codecs)\.\w{3,20}\s*\(\s*){1,4}/
    $fetched = /\bexec\s*\(\s*(urllib\.request\.|urllib2\.)?(urlopen|requests\.get)\s*\([^\n]{0,200}\)\s*\.(read|text|content)/
    $perl = /\beval\s*\(?\s*(unpack\s*\(?\s*["']u|decode_base64)/
    $ruby = /\beval\s*\(?\s*(Base64\.decode64|\[[^\]]{20,4000}\]\.pack)/
  condition:
    filesize < 10MB and (Aspect_Unix_Script or extension == "desktop") and any of them
}

rule Shell_Installs_Miner
{
  meta:
    description = "A script or configuration makes the computer mine crypto-currency for somebody else."
    analyst = "A pool address with the Stratum protocol, or the name of a known miner together with a wallet or pool option."
    author = "Lazaret"
    reference = "https://attack.mitre.org/techniques/T1496/"
    severity = "high"
  strings:
    $pool = /stratum\+(tcp|ssl|tls):\/\// nocase
    $miner = /\b(xmrig|minerd|cpuminer|ccminer|nbminer|t-rex|phoenixminer|lolminer)\b/ nocase
    $option = /(--donate-level|--coin[= ]|-o\s+\S{4,80}:\d{2,5}\s+-u\s|--algo[= ]|"donate-level"|\bnohup\b|crontab)/ nocase
  condition:
    filesize < 2MB and (Aspect_Unix_Script or Aspect_Windows_Script or "|json|conf|desktop|service|plist|" contains suffix) and (($pool and ($miner or $option)) or ($miner and $option))
}

rule Desktop_Entry_Runs_Command
{
  meta:
    description = "A desktop shortcut of Linux runs a hidden or downloaded command instead of a program."
    analyst = "Exec= of a .desktop file with a shell and a download, a decoder or a socket; the icon usually imitates a document."
    author = "Lazaret"
    reference = "https://attack.mitre.org/techniques/T1547/013/"
    severity = "high"
  strings:
    $entry = "[Desktop Entry]" nocase
    $command = /(^|\n)\s*Exec\s*=[^\r\n]{0,200}\b((ba|z|da)?sh|python\d?|perl|php|curl|wget|gnome-terminal|xterm)\b[^\r\n]{0,600}(curl|wget|base64|\/dev\/tcp|https?:\/\/|\/tmp\/|xxd\s+-r|chmod)/
  condition:
    filesize < 10MB and $entry in (0..4096) and $command
}

rule Mac_Script_Asks_For_Password
{
  meta:
    description = "A script of macOS asks for the user's password in a window of its own and uses it."
    analyst = "display dialog with hidden answer, then dscl authonly, sudo -S, the login keychain or an upload: the pattern of macOS stealers."
    author = "Lazaret"
    reference = "https://attack.mitre.org/techniques/T1056/002/"
    severity = "high"
  strings:
    $ask = /display\s+dialog[^\r\n]{0,400}hidden\s+answer/ nocase
    $use = /dscl[^\r\n]{0,40}authonly|sudo\s+-S\b|login\.keychain|security\s+(unlock-keychain|find-generic-password|dump-keychain)|curl\s[^\r\n]{0,80}(-X\s*POST|-F\s|--data|-d\s)/ nocase
  condition:
    filesize < 60MB and all of them and (Aspect_Unix_Script or uint32(0) == 0xFEEDFACF or uint32be(0) == 0xCAFEBABE or "|scpt|applescript|txt|plist||" contains suffix)
}

rule Mac_Command_Fetches_And_Runs
{
  meta:
    description = "A file that macOS runs on a double click fetches or decodes a program and starts it."
    analyst = "A .command, .terminal or AppleScript with curl into a shell, base64 decoding, or removal of the quarantine mark."
    author = "Lazaret"
    reference = "https://attack.mitre.org/techniques/T1204/002/"
    severity = "high"
  strings:
    $piped = /\bcurl\s[^\r\n|]{1,300}\|\s*(sudo\s+)?(ba|z)?sh\b/
    $decode = /base64\s+(-d|-D|--decode)[^\r\n]{0,80}\|/
    $mark = /xattr\s+-(c|r?d|cr|rc)\b[^\r\n]{0,60}/
    $fetch = /\bcurl\s[^\r\n]{0,200}\s(-o|-O|--output)\b/
    $start = /chmod\s+\+x|\bopen\s+(-a\s+)?["']?\/(tmp|private|Users|var)|osascript\s+-e|nohup\s/
  condition:
    filesize < 5MB and "|command|terminal|tool|scpt|applescript|workflow|inetloc|fileloc|" contains suffix and ($piped or $decode or ($fetch and ($start or $mark)))
}

rule Mac_Agent_Runs_Command
{
  meta:
    description = "A property list makes macOS run a downloaded or hidden command at every log-in."
    analyst = "A launch agent whose program arguments are an interpreter with curl, base64, a hidden path or a temporary folder."
    author = "Lazaret"
    reference = "https://attack.mitre.org/techniques/T1543/001/"
    severity = "medium"
  strings:
    $arguments = "<key>ProgramArguments</key>"
    $load = /<key>(RunAtLoad|KeepAlive|StartInterval)<\/key>/
    $command = /<string>[^<]{0,200}(\bcurl\s|osascript\s|base64\s+-D|\/tmp\/|\/Users\/Shared\/\.|python\d?\s+-c)/
  condition:
    filesize < 1MB and all of them
}

rule Package_Fetches_On_Install
{
  meta:
    description = "A software package runs a downloaded or encoded command while it is installed."
    analyst = "An install hook of package.json or code in setup.py with curl, PowerShell, base64 or an evaluated string."
    author = "Lazaret"
    reference = "https://attack.mitre.org/techniques/T1195/002/"
    severity = "medium"
  strings:
    $hook = /"(pre|post)?install"\s*:\s*"[^"\r\n]{0,200}((curl|wget)\s[^"\r\n]{0,200}\||powershell|base64|\/dev\/tcp|node\s+-e\s)/
    $setup = /\bsetup\s*\(/
    $run = /(exec|eval)\s*\(\s*(base64|zlib|__import__|requests\.get|urlopen)/
  condition:
    filesize < 1MB and (($hook and filename == "package.json") or ($setup and $run and filename == "setup.py"))
}
