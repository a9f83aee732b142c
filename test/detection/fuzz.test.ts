import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { createEmbeddedEngine } from '../../scanners';
import type { EmbeddedEngine } from '../../scanners';
import { madeSamples } from './corpus';
import { inspectSample } from './measure';
import { applyMutations, damaged, pick } from './mutation';
import type { Sample } from './sample';

/** `npm run fuzz` goes on for ten minutes, or as many seconds as LAZARET_FUZZ_SECONDS says; in `npm test` a few files only. */
const long = process.env['npm_lifecycle_event'] === 'fuzz';
const seconds = Number(process.env['LAZARET_FUZZ_SECONDS'] ?? 600);
const SEED = long ? Date.now() % 2 ** 31 : 20_261_123;
const WALL_MS = 5_000;
const MEMORY_MB = 512;

jest.setTimeout((seconds + 300) * 1000);

let engine: EmbeddedEngine;
let samples: Sample[];
beforeAll(async () => {
  engine = await createEmbeddedEngine({ processes: 2, memoryMb: MEMORY_MB, limits: { wallMs: WALL_MS } });
  samples = (await madeSamples()).filter(({ bytes }) => bytes.length <= 2 * 1024 * 1024);
});
afterAll(() => engine.close());

/** Resident memory of a process in MiB; 0 where it has ended. */
function residentMb(pid: number): number {
  try {
    const pages = Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]);
    return (pages * 4096) / 1024 / 1024;
  } catch {
    return 0;
  }
}

const bounds = long ? { numRuns: 10_000_000, interruptAfterTimeLimit: seconds * 1000 } : { numRuns: 100 };
const parameters = { seed: SEED, endOnFailure: true, markInterruptAsFailure: false, ...bounds };

describe(`damaged files (seed ${SEED})`, () => {
  it('always get an answer within the clock, from a process that stays within its memory', async () => {
    await fc.assert(
      fc.asyncProperty(damaged, async ({ sample, mutations }) => {
        const chosen = pick(samples, sample);
        const bytes = applyMutations(samples, chosen.bytes, mutations);
        const outcome = await inspectSample([engine], { ...chosen, bytes });
        expect(['clean', 'suspicious', 'malicious', 'unscannable']).toContain(outcome.verdict);
        // The parent's clock counts from the last byte; starting a process for the next file comes on top.
        expect(outcome.ms).toBeLessThan(WALL_MS + 10_000);
        for (const pid of engine.pids()) expect(residentMb(pid)).toBeLessThan(MEMORY_MB * 1.25);
      }),
      parameters,
    );
    expect(await engine.health()).toMatchObject({ ok: true });
  });

  it('never come out clean when a checksummed archive with malware was cut off or had a byte changed', async () => {
    const archives = samples.filter(({ kind, expect: wanted, bytes }) => {
      return wanted === 'malicious' && /^(zip|7z|docx|xlsx|gz|bz2|xz)\b/.test(kind) && bytes.length >= 64;
    });
    expect(archives.length).toBeGreaterThan(0);
    const harm = fc.record({
      sample: fc.double({ min: 0, max: 1, noNaN: true }),
      at: fc.double({ min: 0.1, max: 0.999, noNaN: true }),
      cut: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(harm, async ({ sample, at, cut }) => {
        const chosen = pick(archives, sample);
        const place = Math.floor(at * chosen.bytes.length);
        const bytes = cut ? chosen.bytes.subarray(0, place) : Buffer.from(chosen.bytes);
        if (!cut) bytes[place] = (bytes[place] ?? 0) ^ 0x55;
        const { verdict, rules } = await inspectSample([engine], { ...chosen, bytes });
        expect({ kind: chosen.kind, name: chosen.name, cut, place, verdict, rules }).not.toMatchObject({
          verdict: 'clean',
        });
      }),
      { ...parameters, ...(long ? {} : { numRuns: 60 }) },
    );
  });
});
