import fc from 'fast-check';
import { chooseStep } from '../../domain/review';
import type { ReviewStep } from '../../domain/review';
import { DECIDED_VERDICTS } from '../../domain/words';
import type { DecidedVerdict, ItemState, Verdict } from '../../domain/words';

/** What happens from outside before a step: a decision, a change of policy, a question, or nothing. */
type Happening = DecidedVerdict | 'monitor' | 'contain' | 'ask' | 'crash' | 'nothing';

export interface World {
  machine: Exclude<Verdict, 'pending'>;
  policyContains: boolean;
  /** False: Zendesk refuses the redaction for good. */
  redactable: boolean;
  /** How often engines that answer later are asked again before the last of them has answered. */
  questions: number;
  happenings: Happening[];
}

interface Item {
  state: ItemState;
  machine: Verdict;
  decision: DecidedVerdict | undefined;
  decisionIsNew: boolean;
  policyContains: boolean;
  asked: boolean;
  sealed: boolean;
  redactionBegun: boolean;
  inTicket: boolean;
  /** Questions that are left before the verdict. */
  awaits: number;
}

export interface Act {
  did: 'redact' | 'release';
  decision: DecidedVerdict | undefined;
  wanted: boolean;
}

export interface Walked {
  step: ReviewStep | 'endless';
  item: Item;
  acts: Act[];
}

const HAPPENINGS: Happening[] = [...DECIDED_VERDICTS, 'monitor', 'contain', 'ask', 'crash', 'nothing', 'nothing'];

export const WORLD: fc.Arbitrary<World> = fc.record({
  machine: fc.constantFrom('clean', 'suspicious', 'malicious', 'unscannable'),
  policyContains: fc.boolean(),
  redactable: fc.boolean(),
  questions: fc.integer({ min: 0, max: 4 }),
  happenings: fc.array(fc.constantFrom(...HAPPENINGS), { maxLength: 12 }),
});

const MOST_STEPS = 60;

/** Lives one item as the workflow does, with the effects that the activities have on row and ticket. */
export function walk(world: World): Walked {
  const item: Item = {
    state: 'pending',
    machine: 'pending',
    decision: undefined,
    decisionIsNew: false,
    policyContains: world.policyContains,
    asked: false,
    sealed: false,
    redactionBegun: false,
    inTicket: true,
    awaits: 0,
  };
  const acts: Act[] = [];
  const happenings = [...world.happenings];
  let step: ReviewStep = 'inspect';
  for (let count = 0; count < MOST_STEPS; count += 1) {
    const happening = happenings.shift();
    if (happening) happen(item, happening);
    const waits: boolean = step === 'done' || step === 'hold';
    if (waits && happening === undefined) return { step, item, acts };
    step = waits ? proceed(item) : perform(item, step, { world, acts, crash: happening === 'crash' });
  }
  return { step: 'endless', item, acts };
}

function happen(item: Item, happening: Happening): void {
  switch (happening) {
    case 'monitor':
    case 'contain':
      item.policyContains = happening === 'contain';
      return;
    case 'ask':
      item.asked = true;
      return;
    case 'crash':
    case 'nothing':
      return;
    default:
      // Nobody can decide about bytes that were never read.
      if (item.machine === 'pending' && item.awaits === 0) return;
      Object.assign(item, { decision: happening, decisionIsNew: true, asked: false });
  }
}

function isWanted(item: Item): boolean {
  if (item.decision) return item.decision === 'malicious';
  return item.policyContains && item.machine !== 'clean' && item.machine !== 'pending';
}

function proceed(item: Item): ReviewStep {
  const choice = chooseStep({
    state: item.state,
    machineVerdict: item.machine,
    decision: item.decision,
    decisionIsNew: item.decisionIsNew,
    containmentWanted: isWanted(item),
    redactionBegun: item.state === 'waiting' && item.redactionBegun,
    investigationIsOpen: item.asked,
    sealed: item.sealed,
    isReleasedCopy: false,
    enginesAwaited: item.awaits > 0,
  });
  if (choice.settleAs) item.state = choice.settleAs;
  if (['done', 'hold', 'preserve'].includes(choice.step)) item.decisionIsNew = false;
  return choice.step;
}

interface Around {
  world: World;
  acts: Act[];
  /** The worker dies after it changed the ticket and before it wrote that down. */
  crash: boolean;
}

function perform(item: Item, step: ReviewStep, around: Around): ReviewStep {
  switch (step) {
    case 'inspect':
      if (item.machine !== 'pending') return proceed(item);
      if (around.world.questions === 0) return judge(item, around.world);
      if (item.awaits === 0) Object.assign(item, { awaits: around.world.questions, state: 'waiting', sealed: true });
      return proceed(item);
    case 'await':
      if (item.machine !== 'pending') return proceed(item);
      if (item.decision || item.awaits === 1) return judge(item, around.world);
      item.awaits -= 1;
      return proceed(item);
    case 'preserve':
      item.sealed = true;
      return proceed(item);
    case 'contain':
      return contain(item, around);
    case 'release':
      return release(item, around.acts);
    default:
      return proceed(item);
  }
}

function judge(item: Item, world: World): ReviewStep {
  item.machine = world.machine;
  item.awaits = 0;
  item.sealed = isWanted(item) || item.asked;
  item.state = isWanted(item) ? 'waiting' : (item.decision ?? item.machine) === 'clean' ? 'clean' : 'noted';
  return proceed(item);
}

function contain(item: Item, { world, acts, crash }: Around): ReviewStep {
  const wanted = isWanted(item);
  if (wanted && ['waiting', 'clean', 'noted', 'refused'].includes(item.state)) {
    Object.assign(item, { sealed: true, redactionBegun: true, state: 'waiting' });
    if (!world.redactable) {
      Object.assign(item, { state: 'refused', decisionIsNew: false });
      return proceed(item);
    }
    if (item.inTicket) acts.push({ did: 'redact', decision: item.decision, wanted });
    item.inTicket = false;
    if (crash) return 'contain';
  } else if (item.state !== 'waiting') {
    return proceed(item);
  }
  if (!item.inTicket) {
    item.state = item.decision === 'malicious' || item.decision === 'suspicious' ? 'contained' : 'held';
    if (item.state === 'contained') item.decisionIsNew = false;
  } else {
    item.redactionBegun = false;
  }
  return proceed(item);
}

function release(item: Item, acts: Act[]): ReviewStep {
  if (item.decision !== 'clean') {
    if (item.state === 'releasing') item.state = 'contained';
    return proceed(item);
  }
  if (item.state !== 'held' && item.state !== 'contained') return proceed(item);
  acts.push({ did: 'release', decision: item.decision, wanted: isWanted(item) });
  // The copy that is put back is an item of its own.
  Object.assign(item, { state: 'released', decisionIsNew: false });
  return 'done';
}
