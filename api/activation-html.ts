import { createHash } from 'node:crypto';
import { escapeHtml, showHidden } from '../domain/text';
import { ACTIVATION_STEPS } from '../domain/connection';
import type { ActivationStep, StepRecord } from '../domain/connection';
import type { ConnectionRow } from '../db/connections';
import type { SignedIn } from '../db/oauth-attempts';
import type { PageProblem } from './page-problems';

const STYLE = `body{font:16px/1.5 system-ui,sans-serif;color:#2f3941;background:#f8f9f9;margin:0}
main{max-width:36rem;margin:3rem auto;padding:2rem;background:#fff;border:1px solid #d8dcde;border-radius:8px}
h1{font-size:1.4rem;margin-top:0}dl{display:grid;grid-template-columns:max-content 1fr;gap:.4rem 1rem}dt{color:#68737d}dd{margin:0;overflow-wrap:anywhere}
button{font:inherit;padding:.5rem 1.2rem;border-radius:4px;border:1px solid #1f73b7;background:#1f73b7;color:#fff;cursor:pointer}
button.quiet{background:#fff;color:#1f73b7}form{display:inline-block;margin-right:.5rem}li{margin:.3rem 0}.failed{color:#cc3340}`;

/** Nothing of a page runs, loads or may be framed; its forms go to ourselves. */
export const PAGE_POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`,
  "form-action 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join('; ');

const text = (value: string): string => escapeHtml(showHidden(value));

function page(title: string, body: string, refreshSeconds?: number): string {
  const refresh = refreshSeconds === undefined ? '' : `<meta http-equiv="refresh" content="${refreshSeconds}">`;
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">${refresh}
<title>${text(title)} – Lazaret</title><style>${STYLE}</style></head><body><main><h1>${text(title)}</h1>${body}</main></body></html>`;
}

/** A refusal, with what to do. */
export function problemPage(problem: PageProblem): string {
  return page('The activation cannot go on', `<p>${text(problem.problem)}</p><p>${text(problem.remedy)}</p>`);
}

/** The last page before anything is made: whose account, who, and for whom. */
export function confirmPage(facts: {
  attemptId: string;
  subdomain: string;
  signedIn: SignedIn;
  organisationName: string;
  csrf: string;
}): string {
  const { signedIn } = facts;
  const form = (action: string, label: string, style: string): string =>
    `<form method="post" action="/activation/${facts.attemptId}/${action}"><input type="hidden" name="csrf" value="${text(facts.csrf)}"><button${style}>${label}</button></form>`;
  const rows = [
    ['Zendesk account', `${facts.subdomain}.zendesk.com`],
    ['Signed in as', `${signedIn.name} (user ${signedIn.userId})`],
    ['Role', signedIn.role],
    ['For the organisation', facts.organisationName],
  ].map(([name, value]) => `<dt>${name}</dt><dd>${text(value ?? '')}</dd>`);
  return page(
    'Connect this Zendesk account?',
    `<dl>${rows.join('')}</dl>
<p>Lazaret will make two webhooks and the trigger “Lazaret Trigger” in this account. From then on it reads the files attached to ticket comments,
takes malicious ones out of tickets as the organisation’s settings say, and writes internal notes.</p>
${form('confirm', 'Connect', '')}${form('cancel', 'Cancel', ' class="quiet"')}`,
  );
}

const STEP_NAMES: Record<ActivationStep, string> = {
  checkAccount: 'Account and rights',
  makeWebhooks: 'Webhooks',
  readSecrets: 'Signing secrets',
  makeTrigger: 'Trigger',
  proveIntake: 'Test event',
  connect: 'Connected',
};

/** The steps as they tick; reloads itself without a script until they have ended. */
export function progressPage(connection: ConnectionRow): string {
  const steps = ACTIVATION_STEPS.map((step) => {
    const record = connection.activationSteps.find((one) => one.step === step);
    return `<li${record?.state === 'failed' ? ' class="failed"' : ''}>${STEP_NAMES[step]}: ${stepText(record)}</li>`;
  });
  const active = connection.state === 'activating';
  const failed = connection.activationSteps.some((step) => step.state === 'failed');
  const title = active ? 'Connecting …' : failed ? 'The account could not be connected' : titleOf(connection);
  return page(
    title,
    `<p>${text(connection.subdomain)}.zendesk.com</p><ol>${steps.join('')}</ol>`,
    active ? 1 : undefined,
  );
}

function titleOf(connection: ConnectionRow): string {
  return connection.state === 'connected' ? 'Connected' : `The connection is ${connection.state.replace(/_/gu, ' ')}`;
}

function stepText(record: StepRecord | undefined): string {
  if (!record) return 'waiting';
  switch (record.state) {
    case 'running':
      return 'running';
    case 'ok':
      return `done in ${Math.round(record.ms ?? 0)} ms${record.detail === undefined ? '' : `. ${text(record.detail)}`}`;
    case 'failed':
      return `<strong>${text(record.problem ?? 'failed')}</strong> ${text(record.remedy ?? '')}`;
    default:
      return record.state satisfies never;
  }
}

/** After somebody declined on our page. */
export function cancelledPage(): string {
  return page('Nothing was connected', '<p>Nothing was made at Zendesk, and the sign-in was given back.</p>');
}
