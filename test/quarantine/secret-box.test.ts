import { randomBytes } from 'node:crypto';
import { createSecretBox } from '../../quarantine';

const first = randomBytes(32);
const second = randomBytes(32);
const box = createSecretBox({ currentId: 'mk-1', keys: { 'mk-1': first } });
const context = { table: 'connections', row: '01HZX', organisation: 'org' };

describe('secret box', () => {
  test.each([
    ['a token', 'zat_5f3c'],
    ['no text', ''],
    ['text beyond ASCII', '‮{{über}}'],
    ['a long comment', 'x'.repeat(200_000)],
  ])('opens %s under the same context', async (_name, text) => {
    const sealed = await box.seal(text, context);
    expect((await box.open(sealed, context)).toString('utf8')).toBe(text);
    if (text) expect(sealed.includes(text)).toBe(false);
  });

  test('opens bytes', async () => {
    const bytes = randomBytes(64);
    expect((await box.open(await box.seal(bytes, context), context)).equals(bytes)).toBe(true);
  });

  test.each([
    ['another row', { ...context, row: '01HZY' }],
    ['one entry less', { table: 'connections', row: '01HZX' }],
    ['one entry more', { ...context, more: '1' }],
  ])('refuses a value moved to %s', async (_name, other) => {
    const sealed = await box.seal('secret', context);
    await expect(box.open(sealed, other)).rejects.toMatchObject({ kind: 'context_mismatch' });
  });

  test.each([[{}], [{ row: '' }], [{ '': 'x' }], [{ purpose: 'x' }]])('refuses the context %j', async (bad) => {
    await expect(box.seal('secret', bad)).rejects.toMatchObject({ kind: 'context_mismatch' });
  });

  test('refuses every flipped byte and every cut', async () => {
    const sealed = await box.seal('secret', context);
    for (let at = 0; at < sealed.length; at += 1) {
      const changed = Buffer.from(sealed);
      changed.writeUInt8(changed.readUInt8(at) ^ 1, at);
      await expect(box.open(changed, context)).rejects.toMatchObject({ name: 'SealError' });
    }
    for (let length = 0; length < sealed.length; length += 5) {
      await expect(box.open(sealed.subarray(0, length), context)).rejects.toMatchObject({ kind: 'tampered' });
    }
  });

  test('tells a wrong key from an unknown one', async () => {
    const sealed = await box.seal('secret', context);
    const wrong = createSecretBox({ currentId: 'mk-1', keys: { 'mk-1': second } });
    await expect(wrong.open(sealed, context)).rejects.toMatchObject({ kind: 'wrong_key' });
    const unknown = createSecretBox({ currentId: 'mk-2', keys: { 'mk-2': second } });
    await expect(unknown.open(sealed, context)).rejects.toMatchObject({ kind: 'unknown_master_key' });
  });

  test('says which values a rotation still has to rewrap', async () => {
    const rotated = createSecretBox({ currentId: 'mk-2', keys: { 'mk-1': first, 'mk-2': second } });
    const old = await box.seal('secret', context);
    expect(box.needsRewrap(old)).toBe(false);
    expect(rotated.needsRewrap(old)).toBe(true);
    const renewed = await rotated.seal(await rotated.open(old, context), context);
    expect(rotated.needsRewrap(renewed)).toBe(false);
  });
});
