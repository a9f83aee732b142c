import { linksOfHtml } from '../../scanners/links/html';

async function found(html: string): Promise<string[]> {
  const { links } = await linksOfHtml(html);
  return links.map(({ url, shown }) => (shown === undefined ? url : `${url} as ${shown}`));
}

it.each([
  ['<a href="https://a.example/x">Click <b>here</b></a>', ['https://a.example/x as Click here']],
  ['<a href="https://a.example/">https://a.example/</a>', ['https://a.example/']],
  ["<A HREF='//a.example/x'>x", ['http://a.example/x as x']],
  ['<a href="www.a.com/x">x</a>', ['http://www.a.com/x as x']],
  ['<a href=" ht\ntps://a.example/&#x2e;&amp;b ">x</a>', ['https://a.example/.&b as x']],
  ['<base href="https://b.example/dir/"><a href="page">x</a>', ['https://b.example/dir/page as x']],
  ['<a href="page.html">x</a><a href="#top">x</a><a href="mailto:a@b.example">x</a><a href="tel:1">x</a>', []],
  ['<map><area href="https://a.example/area"></map>', ['https://a.example/area']],
  [
    '<form action="https://a.example/post"><button formaction="https://b.example/">ok</button></form>',
    ['https://a.example/post', 'https://b.example/'],
  ],
  ['<iframe src="https://a.example/frame"></iframe>', ['https://a.example/frame']],
  ['<meta http-equiv="Refresh" content="0; URL=\'https://a.example/next\'">', ['https://a.example/next']],
  ['<svg><a xlink:href="https://a.example/svg"><text>go</text></a></svg>', ['https://a.example/svg as go']],
  [
    '<!--[if mso]><v:roundrect href="https://a.example/mso?a=1&amp;b=2"><![endif]-->',
    ['https://a.example/mso?a=1&b=2'],
  ],
  ['<img src="https://a.example/pixel.gif"><link href="https://a.example/css" rel=stylesheet>', []],
  [
    '<a href="javascript:void(0)">x</a><a href="javascript:alert(document.cookie)">y</a>',
    ['javascript:alert(document.cookie) as y'],
  ],
  ['<a href="data:text/html,hi">x</a><a href="data:image/png;base64,xx">y</a>', ['data:text/html,hi as x']],
  ['<a href="\\\\files.example.com\\share\\a">x</a>', ['\\\\files.example.com\\share\\a as x']],
  ['<p>See https://a.exa<b>mple/x</b> and<br>www.b.com</p>', ['https://a.example/x', 'http://www.b.com/']],
  ['<td>a.com</td><td>b.com</td>', ['http://a.com/', 'http://b.com/']],
  ['<a name="x">https://a.example/</a>', ['https://a.example/']],
  ['<script>"https://a.example/"</script><style>@import "https://b.example/"</style><title>c.com</title>', []],
  ['<a href="https://a.com/">one</a><a href="https://a.com/">www.bank.com</a>', ['https://a.com/ as www.bank.com']],
  ['<a href="https://evil.example/">https://bank.com/login</a>', ['https://evil.example/ as https://bank.com/login']],
  ['<p>hxxps://evil[.]com/a</p>', ['https://evil.com/a as hxxps://evil[.]com/a']],
])('reads %s', async (html, expected) => {
  expect(await found(html)).toEqual(expected);
});

it('gives up counting after two hundred links and says so', async () => {
  const page = Array.from({ length: 201 }, (_unused, index) => `<a href="https://a.example/${index}">x</a>`).join('');
  const { links, gap } = await linksOfHtml(page);
  expect(links).toHaveLength(200);
  expect(gap).toBe('too_many_links');
});

it('says that it did not read a text to its end', async () => {
  expect((await linksOfHtml(`<p>${'x '.repeat(600_000)}`)).gap).toBe('limit_reached');
});
