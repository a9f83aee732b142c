import { createHash } from 'node:crypto';
import { escapeHtml, showHidden } from '../domain/text';

const STYLE = `:root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;color:#2f3941;background:#f8f9f9;margin:0}
main{max-width:36rem;margin:3rem auto;padding:2rem;background:#fff;border:1px solid #d8dcde;border-radius:8px}
h1{font-size:1.4rem;margin-top:0}dl{display:grid;grid-template-columns:max-content 1fr;gap:.4rem 1rem}dt{color:#68737d}dd{margin:0;overflow-wrap:anywhere}
button{font:inherit;padding:.5rem 1.2rem;border-radius:4px;border:1px solid #1f73b7;background:#1f73b7;color:#fff;cursor:pointer}
button.quiet{background:#fff;color:#1f73b7}form{display:inline-block;margin-right:.5rem}li{margin:.3rem 0}.failed{color:#cc3340}a{color:#1f73b7}
@media (prefers-color-scheme:dark){body{color:#d8dcde;background:#151a1e}main{background:#21272c;border-color:#49545c}dt{color:#b0b8be}
a{color:#5293c7}button.quiet{background:#21272c;color:#5293c7}.failed{color:#eb6264}}`;

/** Nothing of a page runs, loads or may be framed; its forms go to ourselves. */
export const PAGE_POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`,
  "form-action 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join('; ');

/** Text of anybody inside a page. */
export const text = (value: string): string => escapeHtml(showHidden(value));

/** One of our pages: no script, nothing from elsewhere. `title` is text, `body` is HTML. */
export function page(title: string, body: string, refreshSeconds?: number): string {
  const refresh = refreshSeconds === undefined ? '' : `<meta http-equiv="refresh" content="${refreshSeconds}">`;
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">${refresh}
<title>${text(title)} – Lazaret</title><style>${STYLE}</style></head><body><main><h1>${text(title)}</h1>${body}</main></body></html>`;
}
