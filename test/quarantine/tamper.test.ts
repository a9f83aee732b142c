import { randomBytes } from 'node:crypto';
import { appendFileSync, copyFileSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createFileSealedStore } from '../../quarantine';
import type { SealRef } from '../../quarantine';
import type { Fixture } from './store-fixture';
import { createFixture, filesIn, ORGANISATION, OTHER, partsOf, readAll, sealBytes } from './store-fixture';

let fixture: Fixture;
beforeEach(() => {
  fixture = createFixture();
});
afterEach(() => fixture.remove());

function payloadOf(ref: SealRef): string {
  const file = filesIn(fixture.directory).find((name) => name.includes(ref.sealKey) && name.endsWith('.sealed'));
  if (!file) throw new Error('no payload');
  return file;
}

function manifestOf(ref: SealRef): string {
  return join(fixture.directory, 'objects', `${ref.sealKey}.key.json`);
}

describe('a sealed copy that was changed', () => {
  test('refuses a flipped bit anywhere in the payload: header, frame head, content, tag', async () => {
    const ref = await sealBytes(fixture.store, randomBytes(2_200_000));
    const { payload } = partsOf(fixture.directory);
    const original = readFileSync(payload);
    const frame = 4 + 12 + 1024 * 1024 + 16;
    const header = original.length - 2 * frame - (4 + 4 + 12 + 4 + (2_200_000 - 2 * 1024 * 1024) + 16);
    const places = [0, 1, 5, 40, 60, 120, header - 1, header, header + 3, header + 10, header + 20];
    places.push(header + frame - 1, header + frame + 3, header + 2 * frame, header + 2 * frame + 22);
    places.push(original.length - 17, original.length - 1);
    for (const at of places) {
      const changed = Buffer.from(original);
      changed.writeUInt8(changed.readUInt8(at) ^ 1, at);
      writeFileSync(payload, changed);
      await expect(fixture.store.verify(ref)).rejects.toMatchObject({ name: 'SealError', kind: 'tampered' });
    }
    writeFileSync(payload, original);
    await fixture.store.verify(ref);
  });

  test('never ends a stream whose last frame does not verify', async () => {
    const ref = await sealBytes(fixture.store, randomBytes(2_200_000));
    const { payload } = partsOf(fixture.directory);
    const changed = readFileSync(payload);
    changed.writeUInt8(changed.readUInt8(changed.length - 1) ^ 1, changed.length - 1);
    writeFileSync(payload, changed);
    const events: string[] = [];
    const stream = fixture.store.open(ref);
    stream.on('end', () => events.push('end')).on('error', () => events.push('error'));
    stream.resume();
    await new Promise((resolve) => stream.once('close', resolve));
    expect(events).toEqual(['error']);
  });

  test.each([
    ['cut at a frame boundary', (file: string, size: number) => truncateSync(file, size - (24 + 102_848 + 16))],
    ['cut by one byte', (file: string, size: number) => truncateSync(file, size - 1)],
    ['empty', (file: string) => truncateSync(file, 0)],
    ['longer by one byte', (file: string) => appendFileSync(file, 'x')],
  ])('refuses a payload that is %s', async (_name, change) => {
    const ref = await sealBytes(fixture.store, randomBytes(2_200_000));
    const { payload } = partsOf(fixture.directory);
    change(payload, readFileSync(payload).length);
    await expect(fixture.store.verify(ref)).rejects.toMatchObject({ kind: 'tampered' });
  });

  test('refuses a manifest with any bit of the wrapped key flipped', async () => {
    const ref = await sealBytes(fixture.store, randomBytes(100));
    const original = JSON.parse(readFileSync(manifestOf(ref), 'utf8')) as { wrappedKey: string };
    const wrapped = Buffer.from(original.wrappedKey, 'base64');
    for (let at = 0; at < wrapped.length; at += 7) {
      const changed = Buffer.from(wrapped);
      changed.writeUInt8(changed.readUInt8(at) ^ 4, at);
      writeFileSync(manifestOf(ref), JSON.stringify({ ...original, wrappedKey: changed.toString('base64') }));
      await expect(fixture.store.verify(ref)).rejects.toMatchObject({ kind: 'tampered' });
    }
  });

  test.each([
    ['sealedLength', 5],
    ['sealId', '00000000-0000-4000-8000-000000000000'],
  ])('refuses a manifest whose %s was edited', async (field, value) => {
    const ref = await sealBytes(fixture.store, randomBytes(100));
    const manifest = JSON.parse(readFileSync(manifestOf(ref), 'utf8')) as object;
    writeFileSync(manifestOf(ref), JSON.stringify({ ...manifest, [field]: value }));
    await expect(fixture.store.verify(ref)).rejects.toMatchObject({ kind: 'tampered' });
  });

  test('refuses a reference with another length than was sealed', async () => {
    const ref = await sealBytes(fixture.store, randomBytes(100));
    const wrong = { ...ref, length: 99 };
    await expect(fixture.store.verify(wrong)).rejects.toMatchObject({ kind: 'length_mismatch' });
  });

  test('refuses a length edited in manifest and reference alike', async () => {
    const ref = await sealBytes(fixture.store, randomBytes(100));
    const manifest = JSON.parse(readFileSync(manifestOf(ref), 'utf8')) as object;
    writeFileSync(manifestOf(ref), JSON.stringify({ ...manifest, length: 99 }));
    await expect(fixture.store.verify({ ...ref, length: 99 })).rejects.toMatchObject({ kind: 'tampered' });
  });
});

describe('swapped files', () => {
  test('refuses payloads swapped between two objects of one organisation', async () => {
    const a = await sealBytes(fixture.store, randomBytes(500));
    const b = await sealBytes(fixture.store, randomBytes(500));
    copyFileSync(payloadOf(b), payloadOf(a));
    await expect(fixture.store.verify(a)).rejects.toMatchObject({ kind: 'tampered' });
    await fixture.store.verify(b);
  });

  test('refuses manifests swapped between two objects, also with edited facts', async () => {
    const a = await sealBytes(fixture.store, randomBytes(500));
    const b = await sealBytes(fixture.store, randomBytes(500));
    copyFileSync(manifestOf(b), manifestOf(a));
    await expect(fixture.store.verify(a)).rejects.toMatchObject({ kind: 'context_mismatch' });
    const manifest = JSON.parse(readFileSync(manifestOf(b), 'utf8')) as object;
    writeFileSync(manifestOf(a), JSON.stringify({ ...manifest, sha256: a.sha256 }));
    await expect(fixture.store.verify(a)).rejects.toMatchObject({ kind: 'tampered' });
  });

  test('refuses a whole copy moved into another organisation', async () => {
    const bytes = randomBytes(500);
    const mine = await sealBytes(fixture.store, bytes, ORGANISATION);
    const theirs = await sealBytes(fixture.store, bytes, OTHER);
    copyFileSync(payloadOf(theirs), payloadOf(mine));
    await expect(fixture.store.verify(mine)).rejects.toMatchObject({ kind: 'tampered' });
    const manifest = JSON.parse(readFileSync(manifestOf(theirs), 'utf8')) as { sealId: string };
    copyFileSync(payloadOf(theirs), join(fixture.directory, 'objects', `${mine.sealKey}.${manifest.sealId}.sealed`));
    writeFileSync(manifestOf(mine), JSON.stringify({ ...manifest, organisationId: ORGANISATION }));
    await expect(readAll(fixture.store.open(mine))).rejects.toMatchObject({ kind: 'tampered' });
  });
});

describe('master keys', () => {
  test('refuses the wrong key under the right id', async () => {
    const ref = await sealBytes(fixture.store, randomBytes(500));
    const masterKeys = { currentId: 'mk-1', keys: { 'mk-1': randomBytes(32) } };
    const other = createFileSealedStore({ directory: fixture.directory, masterKeys });
    await expect(other.verify(ref)).rejects.toMatchObject({ kind: 'wrong_key' });
  });

  test('refuses a copy whose master key is not configured any more', async () => {
    const ref = await sealBytes(fixture.store, randomBytes(500));
    const masterKeys = { currentId: 'mk-2', keys: { 'mk-2': randomBytes(32) } };
    const other = createFileSealedStore({ directory: fixture.directory, masterKeys });
    await expect(other.verify(ref)).rejects.toMatchObject({ kind: 'unknown_master_key' });
    await expect(other.rewrap(ref)).rejects.toMatchObject({ kind: 'unknown_master_key' });
  });

  test('rewraps to the current key without touching the payload; the old reference stays good', async () => {
    const bytes = randomBytes(500);
    const ref = await sealBytes(fixture.store, bytes);
    const before = readFileSync(payloadOf(ref));
    const fresh = randomBytes(32);
    const keys = { ...fixture.masterKeys.keys, 'mk-2': fresh };
    const rotated = createFileSealedStore({ directory: fixture.directory, masterKeys: { currentId: 'mk-2', keys } });
    const rewrapped = await rotated.rewrap(ref);
    expect(rewrapped).toEqual({ ...ref, masterKeyId: 'mk-2' });
    expect(readFileSync(payloadOf(ref)).equals(before)).toBe(true);
    const masterKeys = { currentId: 'mk-2', keys: { 'mk-2': fresh } };
    const withoutOld = createFileSealedStore({ directory: fixture.directory, masterKeys });
    expect((await readAll(withoutOld.open(ref))).equals(bytes)).toBe(true);
    await expect(fixture.store.verify(rewrapped)).rejects.toMatchObject({ kind: 'unknown_master_key' });
  });

  test.each([
    ['a missing current key', { currentId: 'x', keys: { 'mk-1': randomBytes(32) } }],
    ['a short key', { currentId: 'mk-1', keys: { 'mk-1': randomBytes(31) } }],
    ['a key of zeros', { currentId: 'mk-1', keys: { 'mk-1': Buffer.alloc(32) } }],
    ['an id with a slash', { currentId: 'a/b', keys: { 'a/b': randomBytes(32) } }],
  ])('refuses %s at start', (_name, masterKeys) => {
    expect(() => createFileSealedStore({ directory: fixture.directory, masterKeys })).toThrow(
      expect.objectContaining({ kind: 'bad_configuration' }),
    );
  });
});
