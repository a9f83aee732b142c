import { chmodSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { masterKeyFile } from '../../config/secrets';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'lazaret-secrets-'))));
afterEach(() => rmSync(folder, { recursive: true }));

describe('the key file of a local installation', () => {
  it('is made once, for us alone, and stays the same', () => {
    const path = join(folder, 'keys', 'master');
    const made = masterKeyFile(path);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(masterKeyFile(path)).toBe(made);
  });

  it('is refused when others can read it', () => {
    const path = join(folder, 'master');
    masterKeyFile(path);
    chmodSync(path, 0o644);
    expect(() => masterKeyFile(path)).toThrow(/can be read by others: run chmod 600/);
  });

  it('is never replaced when it is damaged', () => {
    const path = join(folder, 'master');
    writeFileSync(path, 'local-1:short', { mode: 0o600 });
    expect(() => masterKeyFile(path)).toThrow(/holds no usable master keys .*put it back/);
  });
});
