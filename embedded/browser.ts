import { lookup } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { parse } from 'node-html-parser';
import type { HTMLElement } from 'node-html-parser';
import { Agent, fetch } from 'undici';

/** Names below `.localhost` are this machine (RFC 6761); not every resolver knows. */
const lookupLoopback: LookupFunction = (hostname, options, callback) => {
  if (!hostname.endsWith('.localhost')) return lookup(hostname, options, callback);
  if (options.all === true) callback(null, [{ address: '127.0.0.1', family: 4 }]);
  else callback(null, '127.0.0.1', 4);
};

/** A page as the browser shows it. */
export interface Page {
  url: string;
  status: number;
  html: HTMLElement;
}

/**
 * The little of a browser that signing in needs: cookies per host, redirects, forms. It runs no script, for the pages
 * have none.
 */
export class Browser {
  private readonly cookies = new Map<string, Map<string, string>>();
  private readonly agent = new Agent({ connect: { lookup: lookupLoopback } });

  /** Opens an address and follows where it leads. */
  open(url: string): Promise<Page> {
    return this.request(url, 'GET', undefined);
  }

  /** Fills in and sends the form of a page whose action ends so; `button` names the button that is pressed. */
  submit(page: Page, action: string, values: Record<string, string>, button?: string): Promise<Page> {
    const form = page.html.querySelectorAll('form').find((one) => (one.getAttribute('action') ?? '').endsWith(action));
    if (!form) throw new Error(`the page at ${page.url} has no form that leads to ${action}`);
    const fields = new URLSearchParams();
    for (const input of form.querySelectorAll('input')) {
      const name = input.getAttribute('name');
      if (name) fields.set(name, values[name] ?? input.getAttribute('value') ?? '');
    }
    const pressed = form.querySelectorAll('button').find((one) => one.getAttribute('value') === button);
    const buttonName = pressed?.getAttribute('name');
    if (buttonName) fields.set(buttonName, button ?? '');
    return this.request(new URL(form.getAttribute('action') ?? '', page.url).toString(), 'POST', fields.toString());
  }

  async close(): Promise<void> {
    await this.agent.close();
  }

  private async request(url: string, method: 'GET' | 'POST', body: string | undefined): Promise<Page> {
    for (let hop = 0; hop < 10; hop += 1) {
      const response = await fetch(url, {
        method,
        redirect: 'manual',
        dispatcher: this.agent,
        headers: {
          cookie: this.cookieHeader(url),
          accept: 'text/html',
          ...(body === undefined
            ? {}
            : { 'content-type': 'application/x-www-form-urlencoded', origin: new URL(url).origin }),
        },
        ...(body === undefined ? {} : { body }),
      });
      this.keepCookies(url, response.headers.getSetCookie());
      const location = response.headers.get('location');
      if (location === null || response.status < 300 || response.status > 399) {
        return { url, status: response.status, html: parse(await response.text()) };
      }
      await response.body?.cancel();
      url = new URL(location, url).toString();
      method = 'GET';
      body = undefined;
    }
    throw new Error(`too many redirects, the last one to ${new URL(url).origin}`);
  }

  private cookieHeader(url: string): string {
    const jar = this.cookies.get(new URL(url).host) ?? new Map<string, string>();
    return [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
  }

  private keepCookies(url: string, lines: string[]): void {
    const host = new URL(url).host;
    const jar = this.cookies.get(host) ?? new Map<string, string>();
    for (const line of lines) {
      const [pair = ''] = line.split(';');
      const at = pair.indexOf('=');
      if (at > 0) jar.set(pair.slice(0, at), pair.slice(at + 1));
    }
    this.cookies.set(host, jar);
  }
}
