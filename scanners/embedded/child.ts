import { Socket } from 'node:net';
import { createTypeDetector } from './content-type';
import { warmImages } from './images/image';
import { BYTES_FD, FrameReader, type FromChild, type InspectionLimits, type ToChild } from './protocol';
import { createUnpacker } from './unpack';
import { walkFile, type WalkTools } from './walk';
import { loadRules } from './yara';

/** Main of a scanning process. Everything a hostile file may break breaks here, and only here. */

type Opening = Extract<ToChild, { type: 'open' }>;
type Body = { chunks: Buffer[]; length: number; tooLarge: boolean };

const MAX_PROBLEMS = 99;

let tools: WalkTools | undefined;
let limits: InspectionLimits | undefined;
let body: Body = { chunks: [], length: 0, tooLarge: false };
const openings: Opening[] = [];
let wake: (() => void) | undefined;

function tell(message: FromChild): void {
  process.send?.(message);
}

async function init(message: Extract<ToChild, { type: 'init' }>): Promise<void> {
  try {
    const [rules, types] = await Promise.all([
      loadRules(message.rules, message.yara, message.checked),
      createTypeDetector(),
    ]);
    limits = message.limits;
    tools = { rules, types, unpacker: createUnpacker() };
    receiveBytes(message.limits.maxFileBytes);
    const problems = rules.problems.slice(0, MAX_PROBLEMS);
    if (rules.problems.length > MAX_PROBLEMS) problems.push(`${rules.problems.length - MAX_PROBLEMS} more rule files`);
    const engineVersion = `lazaret 1, ${rules.version}, 7-Zip 24.09`;
    tell({ type: 'ready', engineVersion, problems, broken: rules.broken });
    // Behind everybody's back: a first file may come before they end.
    void warmImages().then(prepare);
  } catch {
    tell({ type: 'unusable', detail: 'the rules or a library of the scanning process could not be loaded' });
  }
}

/** Commands and bytes come over two pipes, in any order; every opening has exactly one end or abort. */
async function nextOpening(): Promise<Opening> {
  for (;;) {
    const opening = openings.shift();
    if (opening) return opening;
    await new Promise<void>((resolve) => (wake = resolve));
  }
}

function receiveBytes(maxBytes: number): void {
  const take = (): Body => {
    const taken = body;
    body = { chunks: [], length: 0, tooLarge: false };
    return taken;
  };
  const frames = new FrameReader({
    data(chunk) {
      if (body.length + chunk.length > maxBytes) body.tooLarge = true;
      else {
        body.chunks.push(chunk);
        body.length += chunk.length;
      }
    },
    end: () => void inspectBody(take()),
    abort: () => {
      take();
      void nextOpening().then(({ job }) => tell({ type: 'done', job, reason: 'engine_unavailable' }));
    },
  });
  const pipe = new Socket({ fd: BYTES_FD, readable: true, writable: false });
  pipe.on('data', (chunk) => frames.push(chunk));
  pipe.on('error', () => process.exit(1));
}

async function inspectBody(received: Body): Promise<void> {
  const { job, fileName, declaredType, passwords, text } = await nextOpening();
  if (!tools || !limits) return tell({ type: 'done', job, reason: 'engine_unavailable' });
  const data = Buffer.concat(received.chunks, received.length);
  received.chunks.length = 0;
  const target = { fileName, passwords, text, ...(declaredType !== undefined && { declaredType }) };
  try {
    const seen = await walkFile(tools, limits, target, data, (finding) => tell({ type: 'finding', job, finding }));
    const reason = received.tooLarge ? 'too_large' : seen.reason;
    tell({
      type: 'done',
      job,
      ...(reason && { reason }),
      ...(seen.detectedType && { detectedType: seen.detectedType }),
      ...(seen.links.length > 0 && { links: seen.links }),
    });
  } catch (error) {
    // Out of memory is the file's doing; anything else leaves a process whose state nobody knows.
    const reason = error instanceof RangeError ? 'limit_reached' : 'engine_crashed';
    return tell({ type: 'done', job, reason, retire: true });
  }
  setImmediate(() => void prepare());
}

/** What the next file may need is made while nobody waits. Failing here fails nothing: it is made again when needed. */
async function prepare(): Promise<void> {
  await tools?.unpacker.prepare().catch(() => undefined);
}

process.on('message', (message: ToChild) => {
  if (message.type === 'init') void init(message);
  else {
    openings.push(message);
    wake?.();
  }
});
process.on('disconnect', () => process.exit(0));
tell({ type: 'loaded' });
