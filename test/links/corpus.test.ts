import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createJudge, linksOfHtml, linksOfText } from '../../scanners/links';

interface Row {
  text?: string;
  html?: string;
  urls: string[];
}

const folder = join(__dirname, 'corpus');
const corpora = new Map(
  readdirSync(folder).map((file) => [
    file.replace('.json', ''),
    JSON.parse(readFileSync(join(folder, file), 'utf8')) as Row[],
  ]),
);

/** Two spellings of one address: scheme of the web and a slash at the end do not matter. */
function comparable(url: string): string {
  return (URL.canParse(url) ? new URL(url).href : url).replace(/^https:/, 'http:').replace(/\/$/, '');
}

async function score(
  rows: readonly Row[],
): Promise<{ wanted: number; found: number; missed: string[]; wrong: string[] }> {
  const [missed, wrong]: [string[], string[]] = [[], []];
  let [wanted, found] = [0, 0];
  for (const { text, html, urls } of rows) {
    const { links } = text === undefined ? await linksOfHtml(html ?? '') : linksOfText(text);
    const [expected, got] = [new Set(urls.map(comparable)), new Set(links.map(({ url }) => comparable(url)))];
    wanted += expected.size;
    found += got.size;
    missed.push(...[...expected].filter((url) => !got.has(url)).map((url) => `${url} in ${text ?? html ?? ''}`));
    wrong.push(...[...got].filter((url) => !expected.has(url)).map((url) => `${url} in ${text ?? html ?? ''}`));
  }
  return { wanted, found, missed, wrong };
}

describe('the corpora', () => {
  it('lose at most 3 % of all links and gain at most 2 %', async () => {
    const { wanted, found, missed, wrong } = await score([...corpora.values()].flat());
    expect(wanted).toBeGreaterThan(150);
    expect({ missed, share: missed.length / wanted <= 0.03 }).toEqual({ missed, share: true });
    expect({ wrong, share: wrong.length / found <= 0.02 }).toEqual({ wrong, share: true });
  });

  it.each([...corpora.keys()].filter((name) => name !== 'nothing'))(
    'lose at most a tenth of the kind %s',
    async (name) => {
      const { wanted, missed } = await score(corpora.get(name) ?? []);
      expect({ missed, share: missed.length / wanted <= 0.1 }).toEqual({ missed, share: true });
    },
  );

  it('find nothing where nothing is', async () => {
    expect((await score(corpora.get('nothing') ?? [])).wrong).toEqual([]);
  });

  it('call no link of newsletters, quoted replies and plain tickets more than clean', async () => {
    const judge = createJudge(['example.com']);
    const rows = ['newsletter', 'quoted', 'plain'].flatMap((name) => corpora.get(name) ?? []);
    const found = await Promise.all(
      rows.map(({ text, html }) => (text === undefined ? linksOfHtml(html ?? '') : linksOfText(text))),
    );
    const loud = found
      .flatMap(({ links }) => links.map(judge))
      .filter(({ url }) => !url.startsWith('\\\\'))
      .flatMap(({ url, findings }) =>
        findings.filter(({ severity }) => !['info', 'low'].includes(severity)).map(({ rule }) => `${rule} ${url}`),
      );
    expect(loud).toEqual([]);
  });
});
