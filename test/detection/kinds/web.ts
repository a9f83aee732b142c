import { gzipSync } from 'node:zlib';
import { eicar, zip } from '../../scanners/samples';
import type { Sample } from '../sample';

const bill = (): Buffer => zip([{ name: 'bill.com', data: eicar() }]);
const page = (script: string, body = '<p>Your file is being fetched.</p>'): Buffer =>
  Buffer.from(
    `<!DOCTYPE html><html><head><title>File</title></head><body>${body}<script>${script}</script></body></html>`,
  );
const SAVE =
  'var f=new Blob([d],{type:"application/octet-stream"});var a=document.createElement("a");a.href=URL.createObjectURL(f);a.download="x.zip";a.click();';
const chunks = (text: string, size: number): string[] => text.match(new RegExp(`.{1,${size}}`, 'gs')) ?? [];

/** Pages, pictures and scripts that carry EICAR in encoded form. */
export const samples = (): Sample[] => smuggling();

function smuggling(): Sample[] {
  const data = bill();
  const base64 = data.toString('base64');
  const reversed = [...base64].reverse().join('');
  const scripts: [string, string][] = [
    ['atob', `var d=Uint8Array.from(atob("${base64}"),c=>c.charCodeAt(0));${SAVE}`],
    [
      'pieces joined',
      `var b=${chunks(base64, 30)
        .map((piece) => `"${piece}"`)
        .join('+')};var d=dec(b);${SAVE}`,
    ],
    [
      'pieces added',
      `var b="";${chunks(base64, 25)
        .map((piece) => `b+="${piece}";`)
        .join('\n')}var d=dec(b);${SAVE}`,
    ],
    [
      'list joined',
      `var d=dec([${chunks(base64, 20)
        .map((piece) => `'${piece}'`)
        .join(',')}].join(''));${SAVE}`,
    ],
    ['bytes', `var d=new Uint8Array([${[...data].join(',')}]);${SAVE}`],
    ['hex', `var d=unhex("${data.toString('hex')}");${SAVE}`],
    [
      'hex escapes',
      `var d="${[...eicar()].map((byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('')}";${SAVE}`,
    ],
    ['reversed', `var d=dec("${reversed}".split("").reverse().join(""));${SAVE}`],
    ['reversed by unknown code', `var d=dec(turn("${reversed}"));${SAVE}`],
    ['xor with a byte', `var d=[${[...data].map((byte) => byte ^ 0x5a).join(',')}];for(var i in d)d[i]^=k;${SAVE}`],
    [
      'xor with a word',
      `var k="secret";var d=dec("${Buffer.from(data.map((byte, at) => byte ^ 'secret'.charCodeAt(at % 6))).toString('base64')}");for(i=0;i<n;i++)d[i]^=k.charCodeAt(i%6);${SAVE}`,
    ],
    ['split by junk', `var d=dec("${base64.replace(/(.{7})/g, '$1#')}".replace(/#/g,""));${SAVE}`],
    ['data address', `location.href="data:application/zip;base64,${base64}"`],
    ['fetch of a data address', `fetch("data:application/octet-stream;base64,${base64}").then(r=>r.blob())`],
    [
      'document.write of percent signs',
      `document.write(unescape("${[...eicar()].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('')}"))`,
    ],
    ['gzip', `var d=pako.inflate(atob("${gzipSync(eicar()).toString('base64')}"));${SAVE}`],
  ];
  const made = scripts.map(([kind, script]): [string, string, Buffer] => [
    `html smuggling: ${kind}`,
    'invoice.html',
    page(script),
  ]);
  const hidden = page(
    `var d=dec(document.getElementById("p").dataset.x);${SAVE}`,
    `<div id=p data-x="${base64.padEnd(280, 'A')}"></div>`,
  );
  const textarea = page(
    `var d=dec(t.value);${SAVE}`,
    `<textarea id=t hidden>\n${chunks(base64, 64).join('\n')}\n</textarea>`,
  );
  const files: [string, string, Buffer][] = [
    ...made,
    ['html smuggling: attribute', 'a.html', hidden],
    ['html smuggling: textarea', 'a.htm', textarea],
    [
      'html: data link',
      'a.html',
      page('', `<a download="a.zip" href="data:application/zip;base64,${base64}">Open</a>`),
    ],
    [
      'html: iframe srcdoc',
      'a.html',
      page('', `<iframe srcdoc="&lt;script&gt;x('${base64}')&lt;/script&gt;"></iframe>`),
    ],
    ['html: event handler', 'a.html', page('', `<img src=x onerror="save('${base64}')">`)],
    ['html: javascript address', 'a.html', page('', `<a href="java\nscript:save('${base64}')">Open</a>`)],
    [
      'html: UTF-16',
      'a.html',
      Buffer.concat([Buffer.from('fffe', 'hex'), Buffer.from(page(`x("${base64}")`).toString(), 'utf16le')]),
    ],
    ['html: without tags of a page', 'a.html', Buffer.from(`<script>x("${base64}")</script>`)],
    ['html in zip', 'a.zip', zip([{ name: 'invoice.html', data: page(`x("${base64}")`) }])],
    [
      'svg: script',
      'a.svg',
      Buffer.from(`<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" onload="x('${base64}')"><rect/></svg>`),
    ],
    [
      'svg: CDATA',
      'a.svg',
      Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg"><script><![CDATA[ x("${base64}") ]]></script></svg>`),
    ],
    [
      'svg: foreignObject',
      'a.svg',
      Buffer.from(
        `<svg xmlns="http://www.w3.org/2000/svg"><foreignObject><iframe srcdoc="&lt;script&gt;x('${base64}')&lt;/script&gt;"/></foreignObject></svg>`,
      ),
    ],
    [
      'svg: data image',
      'a.svg',
      Buffer.from(
        `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="x"><image xlink:href="data:image/png;base64,${base64}"/></svg>`,
      ),
    ],
    [
      'js: joined',
      'a.js',
      Buffer.from(
        `var s=${chunks(eicar().toString(), 9)
          .map((piece) => JSON.stringify(piece))
          .join('+')};WScript.Echo(s)`,
      ),
    ],
    [
      'vbs: characters',
      'a.vbs',
      Buffer.from(`Dim s\r\ns = ${[...eicar()].map((byte) => `Chr(${byte})`).join(' & ')}\r\nMsgBox s`),
    ],
    [
      'vbs: continued lines',
      'a.vbs',
      Buffer.from(
        `s = ${chunks(eicar().toString(), 8)
          .map((piece) => `"${piece.replaceAll('"', '""')}"`)
          .join(' & _\r\n  ')}`,
      ),
    ],
    [
      'ps1: base64',
      'a.ps1',
      Buffer.from(
        `[IO.File]::WriteAllBytes("$env:TEMP\\a.com",[Convert]::FromBase64String('${eicar().toString('base64')}'))`,
      ),
    ],
    [
      'ps1: format',
      'a.ps1',
      Buffer.from(`$x = "{1}{0}" -f '${eicar().toString().slice(34)}','${eicar().toString().slice(0, 34)}'`),
    ],
    [
      'bat: encoded command',
      'a.bat',
      Buffer.from(
        `@echo off\r\np^ower^shell -nop -w hidden -e ${Buffer.from(`echo '${eicar().toString()}'`, 'utf16le').toString('base64')}`,
      ),
    ],
    [
      'bat: variables',
      'a.bat',
      Buffer.from(
        `@echo off\r\nset a=${eicar().toString().slice(0, 20).replaceAll('^', '^^').replaceAll('%', '%%')}\r\necho hi`.concat(
          `\r\nset "b=TEST"\r\nrem ${eicar().toString()}`,
        ),
      ),
    ],
    ['txt: base64', 'a.txt', Buffer.from(`decode this\n${chunks(base64, 76).join('\n')}\n`)],
  ];
  return files.map(([kind, name, bytes]) => ({ kind, name, bytes, expect: 'malicious' }));
}
