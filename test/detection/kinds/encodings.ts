import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { eicar, png, zip } from '../../scanners/samples';
import type { Sample } from '../sample';

const base64Lines = (data: Buffer): string => (data.toString('base64').match(/.{1,76}/g) ?? []).join('\n');
const armour = (data: Buffer): string =>
  `-----BEGIN CERTIFICATE-----\n${base64Lines(data)}\n-----END CERTIFICATE-----\n`;

/** A chunk of a PNG; nobody here checks its sum. */
const chunk = (type: string, data: Buffer): Buffer => {
  const head = Buffer.alloc(8);
  head.writeUInt32BE(data.length);
  head.write(type, 4);
  return Buffer.concat([head, data, Buffer.alloc(4)]);
};

/** A picture with one more chunk behind its header. */
function pictureWith(type: string, data: Buffer): Buffer {
  const picture = png();
  return Buffer.concat([picture.subarray(0, 33), chunk(type, data), picture.subarray(33)]);
}

/** An archive of LHA with a stored member, header of level 0. */
function lha(name: string, data: Buffer): Buffer {
  const head = Buffer.alloc(24 + name.length);
  head[0] = 22 + name.length;
  head.write('-lh0-', 2);
  head.writeUInt32LE(data.length, 7);
  head.writeUInt32LE(data.length, 11);
  head[19] = 0x20;
  head[21] = name.length;
  head.write(name, 22);
  head[1] = head.subarray(2).reduce((total, byte) => total + byte, 0) & 0xff;
  return Buffer.concat([head, data, Buffer.alloc(1)]);
}

/** Files written as text, in pieces or behind a key, and streams without a container of their own. */
export function samples(): Sample[] {
  const bill = zip([{ name: 'bill.com', data: eicar() }]);
  const text = bill.toString('base64');
  const half = Math.floor(text.length / 8) * 4;
  const xored = Buffer.from(bill.map((byte) => byte ^ 0x5a)).toString('base64');
  const percents = [...eicar()].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');
  const files: [string, string, string | Buffer][] = [
    ['zlib stream', 'a.bin', deflateSync(eicar())],
    ['zlib stream, least effort', 'a.dmg', deflateSync(eicar(), { level: 1 })],
    ['brotli', 'a.txt.br', brotliCompressSync(eicar())],
    ['base64 in an armour', 'a.pem', armour(bill)],
    ['batch file with an armour', 'a.bat', `@echo off\ncertutil -decode %0 a.zip\n${armour(bill)}`],
    ['png: compressed comment', 'a.png', pictureWith('zTXt', Buffer.concat([Buffer.from('c\0\0'), deflateSync(bill)]))],
    [
      'png: compressed international comment',
      'a.png',
      pictureWith('iTXt', Buffer.concat([Buffer.from('c\0\x01\0en\0c\0'), deflateSync(bill)])),
    ],
    ['flash: compressed', 'a.swf', Buffer.concat([Buffer.from('CWS\x0a\0\x01\0\0'), deflateSync(eicar())])],
    ['lha behind a program', 'a.exe', Buffer.concat([Buffer.from('MZ'), Buffer.alloc(998), lha('bill.com', bill)])],
    ['shell script: base64 in a command', 'postinst', `#!/bin/sh\necho ${text}|base64 -d>a.zip\n`],
    ['percent signs', 'a.txt', percents],
    ['page: comment', 'a.html', `<p>Hello</p><!-- ${text} -->`],
    ['page: hidden field', 'a.html', `<input type="hidden" value="${text}">`],
    [
      'page: constants joined by code',
      'a.html',
      `<script>var p=["${text.slice(0, half)}","${text.slice(half)}"];a.href="data:application/zip;base64,"+p.join("")</script>`,
    ],
    ['script: key of one byte', 'a.js', `var d=atob("${xored}");for(i=0;i<d.length;i++)o+=d.charCodeAt(i)^0x5a;`],
    ['script: gzip in base64', 'a.ps1', `$b=[Convert]::FromBase64String("${gzipSync(eicar()).toString('base64')}");`],
  ];
  return files.map(([kind, name, data]) => ({ kind, name, bytes: Buffer.from(data), expect: 'malicious' }));
}
