import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { escapeHtml } from '../domain/text';
import { SIDEBAR_TEXTS } from '../domain/sidebar-texts';
import type { SidebarRefusal } from '../domain/sidebar-texts';

/** Zendesk's own script, without which a page in the sidebar does not know its ticket; it is offered there only. */
const FRAMEWORK = 'https://static.zdassets.com/zendesk_app_framework_sdk/2.0/zaf_sdk.min.js';

/** Script and style of the page, as they were built. */
export interface SidebarFiles {
  script: string;
  style: string;
}

/** @throws Error naming the directory and the command when the page was not built */
export function readSidebarFiles(directory: string): SidebarFiles {
  const [script, style] = [join(directory, 'sidebar.js'), join(directory, 'sidebar.css')];
  if (!existsSync(script) || !existsSync(style)) {
    throw new Error(`${directory} holds no page of the Zendesk app: run "npm run build" first.`);
  }
  return { script: readFileSync(script, 'utf8'), style: readFileSync(style, 'utf8') };
}

/** What the page may do: our script and Zendesk's, questions to us, inside this account's own pages and nowhere else. */
export function sidebarPolicy(ancestors: string): string {
  return [
    "default-src 'none'",
    `script-src 'self' ${FRAMEWORK}`,
    "style-src 'self'",
    "connect-src 'self'",
    "form-action 'none'",
    `frame-ancestors ${ancestors}`,
    "base-uri 'none'",
  ].join('; ');
}

const head = `<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${SIDEBAR_TEXTS.title}</title>
<link rel="stylesheet" href="/app/sidebar/sidebar.css">`;

/** The page for an agent; `bearer` is what it sends with its questions, kept nowhere but in its memory. */
export function sidebarPage(bearer: string): string {
  return `<!doctype html><html lang="en"><head>${head}
<script src="${FRAMEWORK}"></script><script src="/app/sidebar/sidebar.js" defer></script></head>
<body data-bearer="${escapeHtml(bearer)}"><main aria-live="polite"><h1>${SIDEBAR_TEXTS.heading}</h1><p>${SIDEBAR_TEXTS.loading}</p></main></body></html>`;
}

/** One sentence in place of the page. Holds nothing of what was sent. */
export function sidebarRefusal(refusal: SidebarRefusal): string {
  return `<!doctype html><html lang="en"><head>${head}</head>
<body><main><h1>${SIDEBAR_TEXTS.refusedTitle}</h1><p>${escapeHtml(SIDEBAR_TEXTS.refusals[refusal])}</p></main></body></html>`;
}
