import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { eicar, zip } from '../../scanners/samples';
import type { Sample } from '../sample';

const base64Lines = (data: Buffer): string => (data.toString('base64').match(/.{1,76}/g) ?? []).join('\n');
const armour = (data: Buffer): string =>
  `-----BEGIN CERTIFICATE-----\n${base64Lines(data)}\n-----END CERTIFICATE-----\n`;

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
