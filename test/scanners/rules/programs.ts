import { elf, pe, t, type RuleCases } from './case';

const utf16 = (text: string): Buffer => Buffer.from(text, 'utf16le');
const iso = (name: string): Buffer => {
  const image = Buffer.alloc(60_000);
  image.write('CD001', 32_769);
  image.write(`${name};1\0`, 40_000);
  return image;
};
const note = t(
  'All your network files were encryp~ted. To decrypt them use the Tor browser: abcdefghijklmnop234567.on~ion and pay in bitcoin. Your personal ID: 1. Do not rename the files.',
);

/** Programs, machine code, images of disks, letters of extortion. */
export const programs: RuleCases = {
  Program_Installer_Or_Archive: { match: ['a.exe', pe('NullsoftInst')], miss: ['a.exe', pe('an installer')] },
  Program_From_Script_Compiler: { match: ['a.exe', pe('AU3!EA06')], miss: ['a.txt', 'AU3!EA06'] },
  Program_Packed: { match: ['a.exe', pe('UPX0\0\0\0\0')], miss: ['a.exe', pe('packed with UPX0 once')] },
  Program_Protected: { match: ['a.exe', pe('.themida')], miss: ['a.exe', pe('.text\0.data\0')] },
  Program_Named_Like_Document: {
    match: ['a.exe', pe(utf16('OriginalFilename\0\0invoice.pdf.exe'))],
    miss: ['a.exe', pe(utf16('OriginalFilename\0\0pdfviewer.exe'))],
  },
  Program_Beacon: {
    match: ['a.bin', t('Reflective~Loader could not sp~awn %s: %d %s (ad~min)')],
    miss: ['a.bin', 'ReflectiveLoader is a technique'],
  },
  Program_Steals_Passwords_From_Memory: {
    match: ['a.exe', pe(t('mimi~katz sekurlsa::logon~passwords'))],
    miss: ['report.txt', t('They used mimi~katz and sekurlsa::logon~passwords.')],
  },
  Program_Sends_Browser_Passwords: {
    match: ['a.exe', pe(t('Login Data encrypted_key https://api.tele~gram.org/bo~t1:x'))],
    miss: ['a.exe', pe('Login Data encrypted_key CryptUnprotectData')],
  },
  Shellcode_Start: {
    match: ['a.bin', Buffer.from('00fc4883e4f0e8c00000004151415052', 'hex')],
    miss: ['a.bin', Buffer.from('00fc4883e4f0e8ff0000004151415052', 'hex')],
    more: [
      ['a.ps1', '[Byte[]] $b = 0xfc, 0x48, 0x83, 0xe4, 0xf0, 0xe8'],
      ['a.bas', 'b = Array(-4,72,-125,-28,-16,-24)'],
      ['a.txt', t('/EiD5PDow~AAAAEFRQVBSUVZI')],
    ],
  },
  Elf_Botnet_Client: {
    match: ['a', elf(t('/bin/busybox MI~RAI\0'), t('MI~RAI: applet not found'))],
    miss: ['a', elf('/bin/busybox --list\0')],
  },
  Android_Takes_Over_Phone: {
    match: [
      'AndroidManifest.xml',
      utf16(
        'android.permission.BIND_ACCESSIBILITY_SERVICE android.permission.RECEIVE_SMS android.permission.SYSTEM_ALERT_WINDOW',
      ),
    ],
    miss: ['AndroidManifest.xml', utf16('android.permission.RECEIVE_SMS android.permission.INTERNET')],
  },
  Disk_Image_With_Shortcut: { match: ['a.iso', iso('BILL.LNK')], miss: ['a.iso', iso('SETUP.EXE')] },
  Ransom_Note: {
    match: ['README.txt', note],
    miss: [
      'news.txt',
      'Last week all files of a hospital were encrypted; it could not decrypt them and paid in bitcoin.',
    ],
  },
};
