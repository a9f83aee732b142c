import fc from 'fast-check';
import type { Sample } from './sample';

/** One way to damage a file. Positions and lengths are shares of the file, 0–1. */
export type Mutation =
  | { kind: 'cut'; at: number }
  | { kind: 'flip'; places: { at: number; bit: number }[] }
  | { kind: 'zero'; at: number; length: number }
  | { kind: 'repeat'; at: number; length: number; times: number }
  | { kind: 'drop'; at: number; length: number }
  | { kind: 'number'; at: number; value: number; bytes: 1 | 2 | 4 }
  | { kind: 'prefix'; bytes: Uint8Array }
  | { kind: 'join'; other: number };

const share = fc.double({ min: 0, max: 1, noNaN: true });
const someLength = fc.double({ min: 0, max: 0.2, noNaN: true });

const mutation: fc.Arbitrary<Mutation> = fc.oneof(
  fc.record({ kind: fc.constant('cut' as const), at: share }),
  fc.record({
    kind: fc.constant('flip' as const),
    places: fc.array(fc.record({ at: share, bit: fc.nat(7) }), { minLength: 1, maxLength: 16 }),
  }),
  fc.record({ kind: fc.constant('zero' as const), at: share, length: someLength }),
  fc.record({
    kind: fc.constant('repeat' as const),
    at: share,
    length: someLength,
    times: fc.integer({ min: 2, max: 40 }),
  }),
  fc.record({ kind: fc.constant('drop' as const), at: share, length: someLength }),
  // Sizes, offsets and counts that lie.
  fc.record({
    kind: fc.constant('number' as const),
    at: share,
    value: fc.constantFrom(0, 1, 0x7f, 0xff, 0x7fff, 0xffff, 0x7fff_ffff, 0xffff_fffe, 0xffff_ffff),
    bytes: fc.constantFrom(1 as const, 2 as const, 4 as const),
  }),
  fc.record({ kind: fc.constant('prefix' as const), bytes: fc.uint8Array({ minLength: 1, maxLength: 64 }) }),
  fc.record({ kind: fc.constant('join' as const), other: share }),
);

/** A sample by its share of the list, and one to four mutations one after the other. */
export const damaged = fc.record({
  sample: share,
  mutations: fc.array(mutation, { minLength: 1, maxLength: 4 }),
});

/** The sample that a share of the list names. */
export function pick(samples: readonly Sample[], at: number): Sample {
  const found = samples[Math.min(samples.length - 1, Math.floor(at * samples.length))];
  if (!found) throw new Error('no samples');
  return found;
}

/** The damaged bytes. A mutation that would make more than 8 MiB of them is left out. */
export function applyMutations(samples: readonly Sample[], start: Buffer, mutations: readonly Mutation[]): Buffer {
  let bytes = start;
  for (const one of mutations) {
    const next = applyOne(samples, bytes, one);
    if (next.length <= 8 * 1024 * 1024) bytes = next;
  }
  return bytes;
}

function applyOne(samples: readonly Sample[], bytes: Buffer, one: Mutation): Buffer {
  const place = (at: number): number => Math.floor(at * bytes.length);
  const part = (of: { at: number; length: number }): [number, number] => {
    const start = place(of.at);
    return [start, Math.min(bytes.length, start + 1 + place(of.length))];
  };
  switch (one.kind) {
    case 'cut':
      return bytes.subarray(0, place(one.at));
    case 'flip': {
      const copy = Buffer.from(bytes);
      for (const { at, bit } of one.places) copy[place(at)] = (copy[place(at)] ?? 0) ^ (1 << bit);
      return copy;
    }
    case 'zero':
      return Buffer.from(bytes).fill(0, ...part(one));
    case 'repeat': {
      const [start, end] = part(one);
      const piece = bytes.subarray(start, end);
      return Buffer.concat([bytes.subarray(0, start), ...Array<Buffer>(one.times).fill(piece), bytes.subarray(end)]);
    }
    case 'drop': {
      const [start, end] = part(one);
      return Buffer.concat([bytes.subarray(0, start), bytes.subarray(end)]);
    }
    case 'number': {
      const copy = Buffer.from(bytes);
      const at = Math.max(0, Math.min(place(one.at), copy.length - one.bytes));
      if (copy.length >= one.bytes) copy.writeUIntLE(one.value % 2 ** (8 * one.bytes), at, one.bytes);
      return copy;
    }
    case 'prefix':
      return Buffer.concat([one.bytes, bytes]);
    case 'join':
      return Buffer.concat([bytes, pick(samples, one.other).bytes]);
    default:
      return one satisfies never;
  }
}
