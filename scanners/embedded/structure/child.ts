import { Socket } from 'node:net';
import { createTypeDetector } from '../content-type';
import { BYTES_FD, FrameReader } from '../protocol';
import { createUnpacker } from '../unpack';
import { walkFile } from '../walk';
import { Collector } from './collect';
import { factsOf } from './facts';
import { drawAnew } from './picture';
import type { FromViewer, StructureAnswer, StructureQuestion, ToViewer } from './protocol';
import { stringsIn } from './strings';

/** Main of a process that shows one file's structure to an analyst. It is made for one file and ends with it. */

type Opening = Extract<ToViewer, { type: 'open' }>;

/** Findings are those of the scan: nothing is judged here. */
const NO_RULES = { version: '', problems: [], broken: [], scan: () => [] };

const collector = new Collector();
const chunks: Buffer[] = [];
let received = false;
let opening: Opening | undefined;

function tell(message: FromViewer): void {
  process.send?.(message);
}

/** The opening and the last byte come over two pipes, in any order. */
function begin(): void {
  if (received && opening) void show(opening).catch(() => process.exit(1));
}

async function show({ fileName, limits }: Opening): Promise<void> {
  const data = Buffer.concat(chunks);
  chunks.length = 0;
  const tools = {
    rules: NO_RULES,
    types: await createTypeDetector(),
    unpacker: createUnpacker(),
    watch: collector.note.bind(collector),
  };
  const { reason } = await walkFile(tools, limits, { fileName, passwords: [] }, data, () => undefined);
  tell({ type: 'tree', tree: collector.tree(reason) });
}

async function answer(sha256: string, question: StructureQuestion): Promise<StructureAnswer> {
  const part = collector.part(sha256);
  if (!part) return { what: 'refused', why: 'no_such_part' };
  const { data, node } = part;
  switch (question.what) {
    case 'bytes': {
      const bytes = Uint8Array.from(data.subarray(question.offset, question.offset + question.length));
      return { what: 'bytes', size: data.length, bytes };
    }
    case 'strings':
      return { what: 'strings', ...stringsIn(data, question.from, question.least) };
    case 'facts':
      return { what: 'facts', facts: await factsOf(collector, part) };
    case 'picture': {
      const png = await drawAnew(data, node.type);
      return png ? { what: 'picture', png: Uint8Array.from(png) } : { what: 'refused', why: 'no_picture' };
    }
    default:
      return question satisfies never;
  }
}

const frames = new FrameReader({
  data: (chunk) => void chunks.push(chunk),
  end: () => {
    received = true;
    begin();
  },
  abort: () => process.exit(0),
});
const pipe = new Socket({ fd: BYTES_FD, readable: true, writable: false });
pipe.on('data', (chunk) => frames.push(chunk));
pipe.on('error', () => process.exit(1));

process.on('message', (message: ToViewer) => {
  if (message.type === 'open') {
    opening = message;
    begin();
  } else {
    void answer(message.part, message.question).then(
      (given) => tell({ type: 'answer', id: message.id, answer: given }),
      () => process.exit(1),
    );
  }
});
process.on('disconnect', () => process.exit(0));
tell({ type: 'loaded' });
