import { randomBytes } from 'node:crypto';
import { eicar } from '../../../embedded/demo-files';
import { startHostile } from '../../support/hostile';
import type { Stage } from '../../support/hostile';

/** Larger files are unscannable in these stories. */
export const MAX_BYTES = 100_000;

/** The one product on which all of these stories happen; it is there when the first test begins. */
export let stage: Stage;

beforeAll(async () => {
  stage = await startHostile({ env: { LAZARET_MAX_FILE_BYTES: String(MAX_BYTES) } });
}, 120_000);
afterAll(() => stage.lazaret.stop(), 60_000);

let spaces = 0;
/** Malicious, and different at every call: a decision about one file must not reach into another story. */
export const bad = (): Buffer => eicar((spaces += 1));

/** Harmless, and different at every call. */
export const text = (): Buffer => Buffer.from(`A harmless line ${randomBytes(6).toString('hex')}.\n`);
