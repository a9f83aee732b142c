/** A real clamd, where one is installed: with signatures of our own, no network and no official database. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { join } from 'node:path';

/** Path of the program; undefined where it is not installed. */
export const CLAMD = ['/usr/sbin/clamd', '/usr/local/sbin/clamd', '/opt/homebrew/sbin/clamd'].find((path) =>
  existsSync(path),
);

export interface ClamdSettings {
  /** Existing folder for database and socket; removed by `stop`. */
  folder: string;
  /** Files that it finds, by name. */
  known: Record<string, Buffer>;
  /** Whether it reports what it could not look into. */
  alerts: 'yes' | 'no';
}

/** Address of the daemon's socket in its folder, for `CLAMD_ADDRESS`. */
export const clamdAddress = (folder: string): string => `unix:${join(folder, 'clamd.sock')}`;

/** Starts it and resolves when it listens. @throws Error when it ends before that */
export async function startClamd({ folder, known, alerts }: ClamdSettings): Promise<{ stop(): Promise<void> }> {
  if (CLAMD === undefined) throw new Error('clamd is not installed');
  const lines = Object.entries(known).map(([name, bytes]) => {
    const md5 = createHash('md5').update(bytes).digest('hex');
    return `${md5}:${bytes.length}:${name}\n`;
  });
  writeFileSync(join(folder, 'own.hdb'), lines.join(''));
  const settings = [
    `DatabaseDirectory ${folder}`,
    `LocalSocket ${join(folder, 'clamd.sock')}`,
    'Foreground yes',
    'StreamMaxLength 1M',
    'MaxFileSize 1M',
    `AlertEncrypted ${alerts}`,
    `AlertExceedsMax ${alerts}`,
    `User ${process.getuid?.() === 0 ? 'root' : (process.env['USER'] ?? 'nobody')}`,
  ];
  writeFileSync(join(folder, 'clamd.conf'), `${settings.join('\n')}\n`);
  const child = spawn(CLAMD, ['--config-file', join(folder, 'clamd.conf')], { stdio: 'ignore' });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  await listening(join(folder, 'clamd.sock'), child);
  return {
    async stop() {
      child.kill('SIGKILL');
      await ended;
      rmSync(folder, { recursive: true });
    },
  };
}

async function listening(path: string, child: ChildProcess): Promise<void> {
  for (;;) {
    if (child.exitCode !== null) throw new Error(`clamd ended with ${child.exitCode}`);
    const open = await new Promise<boolean>((resolve) => {
      const probe = createConnection(path);
      probe.once('connect', () => resolve(true)).once('error', () => resolve(false));
      probe.once('connect', () => probe.destroy());
    });
    if (open) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
