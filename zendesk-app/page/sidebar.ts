import { STATE_WORDS, UNSCANNABLE_WORDS, VERDICT_WORDS } from '../../domain/note-texts';
import { SIDEBAR_TEXTS as TEXTS } from '../../domain/sidebar-texts';
import type { ItemState, StateReason, UnscannableReason, Verdict } from '../../domain/words';

/** The page in the ticket's sidebar. Everything that comes from elsewhere is set as text, never as HTML. */

interface Framework {
  get(path: string): Promise<Record<string, unknown>>;
  on(event: string, told: () => void): void;
  invoke(name: string, value: object): Promise<unknown>;
}
declare const ZAFClient: { init(): Framework | false } | undefined;

interface Item {
  id: string;
  name: string;
  verdict: Verdict;
  reason: UnscannableReason | null;
  state: ItemState;
  stateReason: StateReason | null;
  found: string[];
  decision: { verdict: Verdict; reason: string } | null;
  investigation: { state: 'open' | 'answered' } | null;
}

const OPINIONS = ['clean', 'malicious', 'not_sure'] as const;
/** While a scan or an analyst is at work the page looks again by itself; milliseconds. */
const AGAIN_MS = 5_000;

const main = document.querySelector('main') ?? document.body;
// Out of the document at once: from here on it is in this variable only.
const bearer = document.body.dataset['bearer'] ?? '';
delete document.body.dataset['bearer'];
const framework = typeof ZAFClient === 'undefined' ? false : ZAFClient.init();
let ticketId = '';
let timer: number | undefined;
/** The answer on display: while it stays the same nothing is drawn anew, so that no one loses his place. */
let displayed = '';
/** Counts what the person and the clock have begun: an answer that comes behind a later step is left out. */
let step = 0;

function element(name: string, text = '', className = ''): HTMLElement {
  const made = document.createElement(name);
  made.textContent = text;
  if (className !== '') made.className = className;
  return made;
}

function button(text: string, press: () => void): HTMLElement {
  const made = element('button', text);
  made.setAttribute('type', 'button');
  made.addEventListener('click', press);
  return made;
}

function show(...parts: HTMLElement[]): void {
  displayed = '';
  main.replaceChildren(...parts);
  const height = `${Math.min(600, main.scrollHeight + 24)}px`;
  if (framework) void framework.invoke('resize', { width: '100%', height });
}

const again = (): HTMLElement => button(TEXTS.refresh, () => void load());

async function ask(path: string, body?: object): Promise<Response | undefined> {
  const headers = { authorization: `Bearer ${bearer}`, ...(body && { 'content-type': 'application/json' }) };
  const request = { method: body ? 'POST' : 'GET', headers, ...(body && { body: JSON.stringify(body) }) };
  const url = `/app/sidebar/tickets/${ticketId}${path}`;
  return fetch(url, { ...request, credentials: 'omit' }).catch(() => undefined);
}

function sentenceFor(answer: Response | undefined): string {
  if (answer?.status === 401) return TEXTS.ended;
  return answer?.status === 404 ? TEXTS.unseen : TEXTS.away;
}

async function load(): Promise<void> {
  clearTimeout(timer);
  const own = ++step;
  const answer = await ask('');
  if (own !== step) return;
  if (!answer?.ok) return show(element('p', sentenceFor(answer)), again());
  const text = await answer.text();
  const { items, total } = JSON.parse(text) as { items: Item[]; total: number };
  if (text !== displayed) showItems(items, total);
  displayed = text;
  const open = items.some(({ verdict, investigation }) => verdict === 'pending' || investigation?.state === 'open');
  if (open) timer = window.setTimeout(() => void load(), AGAIN_MS);
}

function showItems(items: Item[], total: number): void {
  const heading = element('h1', TEXTS.heading);
  if (items.length === 0) return show(heading, element('p', TEXTS.none), again());
  const list = element('ul');
  list.append(...items.map(row));
  const more = total > items.length ? [element('p', TEXTS.more(items.length, total))] : [];
  show(heading, list, ...more, again());
}

function row(item: Item): HTMLElement {
  const made = element('li');
  made.append(element('p', item.name, 'name'));
  const why = item.reason === null ? '' : `: ${UNSCANNABLE_WORDS[item.reason]}`;
  made.append(element('p', `${VERDICT_WORDS[item.verdict]}${why}`, `verdict ${item.verdict}`));
  const because = item.stateReason === null ? '' : `: ${STATE_WORDS[item.stateReason]}`;
  made.append(element('p', `${TEXTS.states[item.state]}${because}`));
  made.append(...item.found.map((sentence) => element('p', sentence)));
  if (item.decision !== null) {
    const { verdict, reason } = item.decision;
    made.append(element('p', TEXTS.analyst(VERDICT_WORDS[verdict], reason)));
  }
  if (item.investigation?.state === 'open') made.append(element('p', TEXTS.asked));
  else if (item.verdict !== 'pending') made.append(askButton(item));
  return made;
}

function askButton(item: Item): HTMLElement {
  const made = button(TEXTS.ask, () => openDialog(item));
  // Read out with the name, for there is one such button per item.
  made.setAttribute('aria-label', TEXTS.askAbout(item.name));
  return made;
}

function openDialog(item: Item): void {
  clearTimeout(timer);
  step += 1;
  const form = document.createElement('form');
  const reason = document.createElement('textarea');
  Object.assign(reason, { name: 'reason', rows: 4, maxLength: 2000, required: true });
  const label = element('label', TEXTS.why);
  label.append(reason);
  const problem = element('p');
  problem.setAttribute('role', 'alert');
  form.noValidate = true;
  form.append(
    choicesOf(),
    label,
    problem,
    element('button', TEXTS.send),
    button(TEXTS.cancel, () => void load()),
  );
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const said = reason.value.trim();
    if (said === '') {
      problem.textContent = TEXTS.whyMissing;
      reason.focus();
      return;
    }
    const opinion = new FormData(form).get('opinion');
    void ask(`/items/${item.id}/investigations`, { opinion, reason: said }).then((answer) => {
      if (answer?.ok) return load();
      problem.textContent = sentenceFor(answer);
      return undefined;
    });
  });
  show(element('h1', TEXTS.askAbout(item.name)), form);
  reason.focus();
}

function choicesOf(): HTMLElement {
  const choices = element('fieldset');
  choices.append(element('legend', TEXTS.think));
  for (const opinion of OPINIONS) {
    const choice = document.createElement('input');
    Object.assign(choice, { type: 'radio', name: 'opinion', value: opinion, checked: opinion === 'not_sure' });
    const label = element('label');
    label.append(choice, ` ${TEXTS.opinions[opinion]}`);
    choices.append(label);
  }
  return choices;
}

async function start(): Promise<void> {
  if (!framework) return show(element('p', TEXTS.outside));
  const { 'ticket.id': id } = await framework.get('ticket.id');
  ticketId = String(id);
  if (!/^[1-9]\d*$/u.test(ticketId)) return show(element('p', TEXTS.none));
  // Never takes away what somebody is writing.
  framework.on('app.activated', () => void (document.querySelector('form') === null && load()));
  return load();
}

if (bearer !== '') void start();
