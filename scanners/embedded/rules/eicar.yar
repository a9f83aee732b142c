rule EICAR_Test_File
{
  meta:
    description = "This is the EICAR test file, which every scanner reports and which harms nothing."
    analyst = "The 68 bytes of the EICAR test file stand in this part, in ASCII or UTF-16; a backslash may be doubled, as in source code."
    author = "Lazaret"
    reference = "https://www.eicar.org/download-anti-malware-testfile/"
    severity = "critical"
  strings:
    $bytes = { 58 35 4F 21 50 25 40 41 50 5B 34 5C [0-1] 50 5A 58 35 34 28 50 5E 29 37 43 43 29 37 7D 24 45 49 43 41 52 2D 53 54 41 4E 44 41 52 44 2D 41 4E 54 49 56 49 52 55 53 2D 54 45 53 54 2D 46 49 4C 45 21 24 48 2B 48 2A }
    $wide = { 58 00 35 00 4F 00 21 00 50 00 25 00 40 00 41 00 50 00 5B 00 34 00 5C 00 50 00 5A 00 58 00 35 00 34 00 28 00 50 00 5E 00 29 00 37 00 43 00 43 00 29 00 37 00 7D 00 24 00 45 00 49 00 43 00 41 00 52 00 2D 00 53 00 54 00 41 00 4E 00 44 00 41 00 52 00 44 00 2D 00 41 00 4E 00 54 00 49 00 56 00 49 00 52 00 55 00 53 00 2D 00 54 00 45 00 53 00 54 00 2D 00 46 00 49 00 4C 00 45 00 21 00 24 00 48 00 2B 00 48 00 2A }
  condition:
    any of them
}

rule EICAR_Test_File_Encoded
{
  meta:
    description = "The EICAR test file is in here, written in base64, hexadecimal digits, character codes or percent signs."
    analyst = "An encoded copy of EICAR that no opener has to decode for this rule; in a real case the same encoding would hide a payload."
    author = "Lazaret"
    reference = "https://attack.mitre.org/techniques/T1027/013/"
    severity = "high"
  strings:
    $base64 = "\x58\x35\x4F\x21\x50\x25\x40\x41\x50\x5B\x34\x5C\x50\x5A\x58\x35\x34\x28\x50\x5E\x29\x37\x43\x43\x29\x37\x7D\x24\x45\x49\x43\x41\x52\x2D\x53\x54\x41\x4E\x44\x41\x52\x44" base64 base64wide
    $base64_wide = "\x58\x00\x35\x00\x4F\x00\x21\x00\x50\x00\x25\x00\x40\x00\x41\x00\x50\x00\x5B\x00\x34\x00\x5C\x00\x50\x00\x5A\x00\x58\x00\x35\x00\x34\x00\x28\x00\x50\x00\x5E\x00\x29\x00\x37\x00" base64
    $hex = /58[\s,:\\x]{0,4}35[\s,:\\x]{0,4}4f[\s,:\\x]{0,4}21[\s,:\\x]{0,4}50[\s,:\\x]{0,4}25[\s,:\\x]{0,4}40[\s,:\\x]{0,4}41[\s,:\\x]{0,4}50[\s,:\\x]{0,4}5b[\s,:\\x]{0,4}34[\s,:\\x]{0,4}5c[\s,:\\x]{0,4}50[\s,:\\x]{0,4}5a/ nocase ascii wide
    $hex_list = /0x58,\s{0,4}0x35,\s{0,4}0x4f,\s{0,4}0x21,\s{0,4}0x50,\s{0,4}0x25,\s{0,4}0x40,\s{0,4}0x41/ nocase
    $codes = /\b88,\s{0,4}53,\s{0,4}79,\s{0,4}33,\s{0,4}80,\s{0,4}37,\s{0,4}64,\s{0,4}65,\s{0,4}80,\s{0,4}91,\s{0,4}52,\s{0,4}92,\s{0,4}80,\s{0,4}90/
    $escaped = /X5O(!|%21)P%25(@|%40)AP(\[|%5b)4(\\|%5c)PZX54(\(|%28)P(\^|%5e)(\)|%29)7CC(\)|%29)7(\}|%7d)(\$|%24)EICAR/ nocase
  condition:
    any of them
}

rule EICAR_Test_File_Reversed
{
  meta:
    description = "The EICAR test file is in here, written backwards."
    analyst = "Reversed text is turned round at run time by scripts that hide what they carry; here the hidden text is only EICAR."
    author = "Lazaret"
    reference = "https://attack.mitre.org/techniques/T1027/"
    severity = "medium"
  strings:
    $reversed = { 2A 48 2B 48 24 21 45 4C 49 46 2D 54 53 45 54 2D 53 55 52 49 56 49 54 4E 41 2D 44 52 41 44 4E 41 54 53 2D 52 41 43 49 45 24 7D 37 29 43 43 37 }
  condition:
    $reversed
}

rule Test_File_Unwanted_Application
{
  meta:
    description = "This is a test file for scanners of unwanted applications, which harms nothing."
    analyst = "The string with which products test their handling of potentially unwanted objects; somebody tests the scanner."
    author = "Lazaret"
    reference = "https://www.amtso.org/security-features-check/"
    severity = "medium"
  strings:
    $marker = { 45 49 43 41 52 2D 50 4F 54 45 4E 54 49 41 4C 4C 59 2D 55 4E 57 41 4E 54 45 44 2D 4F 42 4A 45 43 54 2D 54 45 53 54 21 }
  condition:
    $marker
}

rule Test_File_Spam
{
  meta:
    description = "This is the GTUBE text, with which spam filters are tested; it harms nothing."
    analyst = "The GTUBE string of SpamAssassin; not malware, shown because somebody tests the mail path."
    author = "Lazaret"
    reference = "https://spamassassin.apache.org/gtube/"
    severity = "low"
  strings:
    $marker = { 58 4A 53 2A 43 34 4A 44 42 51 41 44 4E 31 2E 4E 53 42 4E 33 2A 32 49 44 4E 45 4E 2A 47 54 55 42 45 2D 53 54 41 4E 44 41 52 44 2D 41 4E 54 49 2D 55 42 45 }
  condition:
    $marker
}
