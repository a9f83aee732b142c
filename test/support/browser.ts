import { request } from 'undici';

export interface Answer {
  status: number;
  location: string | undefined;
  text: string;
  /** Parsed JSON, or undefined. */
  body: any; // eslint-disable-line @typescript-eslint/no-explicit-any -- tests read answers of many shapes
  headers: Record<string, string | string[] | undefined>;
}

/** One browser: cookies per host, no redirect followed by itself. */
export interface Browser {
  get(url: string, headers?: Record<string, string>): Promise<Answer>;
  post(url: string, form: Record<string, string>): Promise<Answer>;
}

/** One request to a loopback address; the host is kept as it is written in the address. */
export async function send(
  method: string,
  url: string,
  headers: Record<string, string>,
  body?: string | Buffer,
): Promise<Answer> {
  const target = new URL(url);
  const real = `${target.protocol}//127.0.0.1:${target.port}${target.pathname}${target.search}`;
  const options = {
    method: method as 'GET',
    headers: { ...headers, host: target.host },
    ...(body !== undefined && { body }),
  };
  const answer = await request(real, options);
  const text = await answer.body.text();
  const json = String(answer.headers['content-type'] ?? '').includes('json');
  const { location } = answer.headers;
  return {
    status: answer.statusCode,
    location: typeof location === 'string' ? new URL(location, url).href : undefined,
    text,
    body: json ? JSON.parse(text) : undefined,
    headers: answer.headers,
  };
}

export function createBrowser(): Browser {
  const jars = new Map<string, Map<string, string>>();
  const visit = async (
    method: string,
    url: string,
    headers: Record<string, string>,
    body?: string,
  ): Promise<Answer> => {
    const { host } = new URL(url);
    const jar = jars.get(host) ?? new Map<string, string>();
    jars.set(host, jar);
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
    const answer = await send(method, url, { ...headers, ...(cookie !== '' && { cookie }) }, body);
    for (const line of [answer.headers['set-cookie'] ?? []].flat()) {
      const [name = '', value = ''] = (line.split(';')[0] ?? '').split('=');
      jar.set(name, value);
    }
    return answer;
  };
  return {
    get: (url, headers = {}) => visit('GET', url, { accept: 'text/html', ...headers }),
    post: (url, form) =>
      visit(
        'POST',
        url,
        { accept: 'text/html', 'content-type': 'application/x-www-form-urlencoded' },
        new URLSearchParams(form).toString(),
      ),
  };
}

/** Hidden fields of the page's first form. */
export function hiddenFields(html: string): Record<string, string> {
  const fields = [...html.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)">/gu)];
  const plain = (text: string): string =>
    text.replaceAll('&amp;', '&').replaceAll('&quot;', '"').replaceAll('&#39;', "'");
  return Object.fromEntries(fields.map(([, name = '', value = '']) => [name, plain(value)]));
}
