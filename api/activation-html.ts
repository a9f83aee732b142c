import { ACTIVATION_STEPS } from '../domain/connection';
import type { ActivationStep, StepRecord } from '../domain/connection';
import type { ConnectionRow } from '../db/connections';
import type { SignedIn } from '../db/oauth-attempts';
import type { PageProblem } from './page-problems';
import { page, text } from './html';

/** Page of the console on which the steps of an activation tick. */
export const STEPS_PAGE = '/account/channels/zendesk/activation';
const link = (path: string, label: string): string => `<p><a href="${path}">${label}</a></p>`;
const START_AGAIN = link('/account/channels/zendesk/activate', 'Start again in Lazaret');
const BACK = link('/account/channels', 'Back to Lazaret');

/** A refusal, with what to do. */
export function problemPage(problem: PageProblem): string {
  const said = `<p>${text(problem.problem)}</p><p>${text(problem.remedy)}</p>`;
  return page('The activation cannot go on', said + START_AGAIN);
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
    `<p>${text(connection.subdomain)}.zendesk.com</p><ol>${steps.join('')}</ol>${failed ? START_AGAIN : BACK}`,
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
  return page('Nothing was connected', `<p>Nothing was made at Zendesk, and the sign-in was given back.</p>${BACK}`);
}
