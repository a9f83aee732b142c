import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createFileSealedStore } from '../../quarantine';
import type { Fixture } from './store-fixture';
import {
  chunksOf,
  createFixture,
  digestOf,
  filesIn,
  ORGANISATION,
  OTHER,
  partsOf,
  readAll,
  sealBytes,
} from './store-fixture';

let fixture: Fixture;
beforeEach(() => {
  fixture = createFixture();
});
afterEach(() => fixture.remove());

describe('sealing and unsealing', () => {
  test.each([
    ['an empty file', 0],
    ['one byte', 1],
    ['exactly one frame', 1024 * 1024],
    ['one byte more than a frame', 1024 * 1024 + 1],
    ['several frames', 3_500_001],
  ])('gives back the same bytes of %s', async (_name, size) => {
    const bytes = randomBytes(size);
    const ref = await sealBytes(fixture.store, bytes);
    await fixture.store.verify(ref);
    expect((await readAll(fixture.store.open(ref))).equals(bytes)).toBe(true);
    expect(ref).toEqual({
      organisationId: ORGANISATION,
      ...digestOf(bytes),
      sealKey: `${ORGANISATION}/${ref.sha256.slice(0, 2)}/${ref.sha256}`,
      masterKeyId: 'mk-1',
    });
  });

  test('leaves no plain byte on the disk and lets only the owner read', async () => {
    const bytes = Buffer.from('X5O!P%@AP'.repeat(5000));
    await sealBytes(fixture.store, bytes);
    const files = filesIn(fixture.directory);
    expect(files).toHaveLength(2);
    for (const file of files) {
      expect(readFileSync(file).includes('X5O!P%@AP')).toBe(false);
      expect(statSync(file).mode & 0o777).toBe(0o600);
    }
  });

  test('tells what was written once the sink has finished, not before', async () => {
    const bytes = randomBytes(70_000);
    const writer = fixture.store.begin(ORGANISATION);
    expect(writer.written()).toBeUndefined();
    await pipeline(chunksOf(bytes), writer.sink);
    expect(writer.written()).toEqual(digestOf(bytes));
    await writer.drop();
  });

  test('encrypts the same bytes differently every time', async () => {
    const bytes = randomBytes(1000);
    await sealBytes(fixture.store, bytes, ORGANISATION);
    await sealBytes(fixture.store, bytes, OTHER);
    const [a, b] = filesIn(fixture.directory).filter((file) => file.endsWith('.sealed'));
    expect(a && b && readFileSync(a).equals(readFileSync(b))).toBe(false);
  });
});

describe('drop and refused commits', () => {
  test('forgets a dropped file, also when it is dropped twice or in the middle', async () => {
    const writer = fixture.store.begin(ORGANISATION);
    writer.sink.write(randomBytes(3_000_000));
    await writer.drop();
    await writer.drop();
    expect(filesIn(fixture.directory)).toEqual([]);
    await expect(writer.commit(digestOf(Buffer.alloc(0)))).rejects.toMatchObject({ kind: 'incomplete' });
  });

  test('refuses a commit before the sink has finished', async () => {
    const writer = fixture.store.begin(ORGANISATION);
    writer.sink.write('some bytes');
    await expect(writer.commit(digestOf(Buffer.from('some bytes')))).rejects.toMatchObject({ kind: 'incomplete' });
    expect(filesIn(fixture.directory)).toEqual([]);
  });

  test('refuses a commit after the source broke off', async () => {
    const writer = fixture.store.begin(ORGANISATION);
    const broken = Readable.from(
      (function* () {
        yield randomBytes(100_000);
        throw new Error('connection cut');
      })(),
    );
    await expect(pipeline(broken, writer.sink)).rejects.toThrow('connection cut');
    await expect(writer.commit(digestOf(Buffer.alloc(0)))).rejects.toMatchObject({ kind: 'incomplete' });
    expect(filesIn(fixture.directory)).toEqual([]);
  });

  test.each([
    ['length_mismatch', { length: 9 }],
    ['digest_mismatch', { sha256: 'a'.repeat(64) }],
  ])('refuses a commit with %s and drops the file', async (kind, wrong) => {
    const bytes = Buffer.from('0123456789');
    const writer = fixture.store.begin(ORGANISATION);
    await pipeline(chunksOf(bytes), writer.sink);
    await expect(writer.commit({ ...digestOf(bytes), ...wrong })).rejects.toMatchObject({ name: 'SealError', kind });
    expect(filesIn(fixture.directory)).toEqual([]);
  });

  test('survives a reader that goes away in the middle, and a source that is destroyed before its first byte', async () => {
    const bytes = randomBytes(5_000_000);
    const ref = await sealBytes(fixture.store, bytes);
    for await (const chunk of fixture.store.open(ref)) {
      expect(bytes.subarray(0, chunk.length).equals(chunk)).toBe(true);
      break;
    }
    const writer = fixture.store.begin(ORGANISATION);
    writer.sink.destroy(new Error('cut'));
    await writer.drop();
    expect((await readAll(fixture.store.open(ref))).equals(bytes)).toBe(true);
    expect(filesIn(fixture.directory)).toHaveLength(2);
  });

  test('does not drop what a commit is keeping', async () => {
    const bytes = randomBytes(10_000);
    const writer = fixture.store.begin(ORGANISATION);
    await pipeline(chunksOf(bytes), writer.sink);
    const [ref] = await Promise.all([writer.commit(digestOf(bytes)), writer.drop()]);
    await fixture.store.verify(ref);
    expect(await writer.commit(digestOf(bytes))).toEqual(ref);
  });

  test('fails the pipeline, not the process, when the disk refuses', async () => {
    rmSync(join(fixture.directory, 'tmp'), { recursive: true });
    const writer = fixture.store.begin(ORGANISATION);
    await new Promise((resolve) => writer.sink.once('close', resolve));
    await expect(pipeline(chunksOf(randomBytes(100)), writer.sink)).rejects.toMatchObject({ name: 'SealError' });
    await writer.drop();
  });

  test.each(['../evil', 'a/b', '', '.', 'a'.repeat(65), 'a\0b', 'a.b'])('refuses the organisation id %j', (id) => {
    expect(() => fixture.store.begin(id)).toThrow(expect.objectContaining({ kind: 'bad_id' }));
  });

  test('refuses a reference that leads elsewhere', async () => {
    const ref = await sealBytes(fixture.store, randomBytes(10));
    const elsewhere = { ...ref, sealKey: `../${ref.sealKey}` };
    await expect(fixture.store.verify(elsewhere)).rejects.toMatchObject({ kind: 'bad_id' });
    await expect(fixture.store.verify({ ...ref, sha256: '../../x' })).rejects.toMatchObject({ kind: 'bad_id' });
    await expect(fixture.store.delete({ ...ref, organisationId: '..' })).rejects.toMatchObject({ kind: 'bad_id' });
  });
});

describe('one copy for one organisation and SHA-256', () => {
  test('drops the second copy when the first verifies', async () => {
    const bytes = randomBytes(10_000);
    const first = await sealBytes(fixture.store, bytes);
    const before = partsOf(fixture.directory);
    const second = await sealBytes(fixture.store, bytes);
    expect(second).toEqual(first);
    expect(partsOf(fixture.directory)).toEqual(before);
    expect(filesIn(fixture.directory)).toHaveLength(2);
  });

  test('keeps one verifying copy when ten arrive at once', async () => {
    const bytes = randomBytes(10_000);
    const refs = await Promise.all(Array.from({ length: 10 }, () => sealBytes(fixture.store, bytes)));
    expect(new Set(refs.map((ref) => ref.sealKey)).size).toBe(1);
    await fixture.store.verify(refs[0] ?? (await sealBytes(fixture.store, bytes)));
    expect(filesIn(fixture.directory)).toHaveLength(2);
  });

  test('replaces a first copy that does not verify', async () => {
    const bytes = randomBytes(10_000);
    const ref = await sealBytes(fixture.store, bytes);
    writeFileSync(partsOf(fixture.directory).payload, randomBytes(50));
    await expect(fixture.store.verify(ref)).rejects.toMatchObject({ kind: 'tampered' });
    await fixture.store.verify(await sealBytes(fixture.store, bytes));
  });
});

describe('deleting, listing, sweeping', () => {
  test('deletes key and bytes, once or twice', async () => {
    const ref = await sealBytes(fixture.store, randomBytes(10));
    expect(await fixture.store.has(ref)).toBe(true);
    await fixture.store.delete(ref);
    await fixture.store.delete(ref);
    expect(await fixture.store.has(ref)).toBe(false);
    expect(filesIn(fixture.directory)).toEqual([]);
    await expect(fixture.store.verify(ref)).rejects.toMatchObject({ kind: 'missing' });
  });

  test('lists the copies of one organisation, and unreadable ones with their problem', async () => {
    const a = await sealBytes(fixture.store, randomBytes(10), ORGANISATION);
    const b = await sealBytes(fixture.store, randomBytes(10), OTHER);
    writeFileSync(join(fixture.directory, 'objects', `${b.sealKey}.key.json`), '{');
    const own = [];
    for await (const listed of fixture.store.list(ORGANISATION)) own.push(listed);
    expect(own).toEqual([{ ref: a }]);
    const all = [];
    for await (const listed of fixture.store.list()) all.push(listed);
    expect(all).toHaveLength(2);
    expect(all).toContainEqual({ organisationId: OTHER, sha256: b.sha256, problem: 'tampered' });
  });

  test('sweeps what crashed writers left, never a copy and nothing young', async () => {
    const ref = await sealBytes(fixture.store, randomBytes(10));
    const { payload } = partsOf(fixture.directory);
    const orphan = payload.replace(/\.[^.]+\.sealed$/u, '.00000000-0000-4000-8000-000000000000.sealed');
    const old = join(fixture.directory, 'tmp', 'old.part');
    const young = join(fixture.directory, 'tmp', 'young.part');
    for (const file of [orphan, old, young]) writeFileSync(file, 'left behind');
    const hourAgo = new Date(Date.now() - 3_600_000);
    for (const file of [orphan, old, payload]) utimesSync(file, hourAgo, hourAgo);
    expect(await fixture.store.sweepTemporary(1_800_000)).toBe(2);
    expect([orphan, old, young].map((file) => existsSync(file))).toEqual([false, false, true]);
    await fixture.store.verify(ref);
  });
});

describe('killed in the middle of a commit', () => {
  test('a temporary file alone is no copy', async () => {
    const bytes = randomBytes(1000);
    const writer = fixture.store.begin(ORGANISATION);
    await pipeline(chunksOf(bytes), writer.sink);
    const sealKey = `${ORGANISATION}/${digestOf(bytes).sha256.slice(0, 2)}/${digestOf(bytes).sha256}`;
    const ref = { organisationId: ORGANISATION, ...digestOf(bytes), sealKey, masterKeyId: 'mk-1' };
    const reopened = createFileSealedStore(fixture);
    expect(await reopened.has(ref)).toBe(false);
    await expect(reopened.verify(ref)).rejects.toMatchObject({ kind: 'missing' });
    await reopened.verify(await sealBytes(reopened, bytes));
    await writer.drop();
  });

  test('a payload without its manifest is no copy, and the next commit makes one', async () => {
    const bytes = randomBytes(1000);
    const ref = await sealBytes(fixture.store, bytes);
    rmSync(partsOf(fixture.directory).manifest);
    expect(await fixture.store.has(ref)).toBe(false);
    await expect(fixture.store.verify(ref)).rejects.toMatchObject({ kind: 'missing' });
    await fixture.store.verify(await sealBytes(fixture.store, bytes));
  });

  test('a manifest without its payload is no copy, and the next commit makes one', async () => {
    const bytes = randomBytes(1000);
    const ref = await sealBytes(fixture.store, bytes);
    rmSync(partsOf(fixture.directory).payload);
    expect(await fixture.store.has(ref)).toBe(false);
    await expect(fixture.store.verify(ref)).rejects.toMatchObject({ kind: 'missing' });
    await fixture.store.verify(await sealBytes(fixture.store, bytes));
  });

  test('a half-written manifest does not verify', async () => {
    const ref = await sealBytes(fixture.store, randomBytes(1000));
    const { manifest } = partsOf(fixture.directory);
    writeFileSync(manifest, readFileSync(manifest).subarray(0, 100));
    await expect(fixture.store.verify(ref)).rejects.toMatchObject({ kind: 'tampered' });
  });
});
