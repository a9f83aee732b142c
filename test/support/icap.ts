/** A real c-icap with its virus scan in front of a clamd, where both are installed. No network, everything in one folder. */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createConnection, createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CLAMD, startClamd } from './clamd';

const DAEMON = '/usr/bin/c-icap';
const MODULES = modules();

/** What is missing for it, as a sentence; undefined where everything is installed. */
export const ICAP_MISSING =
  CLAMD === undefined
    ? 'clamd is not installed'
    : !existsSync(DAEMON) || MODULES === undefined
      ? 'c-icap and libc-icap-mod-virus-scan are not installed'
      : undefined;

export interface IcapServer {
  /** Address of the virus scan. */
  address: string;
  /** Address of a service that scans nothing and gives back what it got. */
  echo: string;
  /** Ends the clamd behind it. */
  stopClamd(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts both and resolves when they listen. `known` are the files that it finds, by name. */
export async function startIcap(known: Record<string, Buffer>): Promise<IcapServer> {
  if (ICAP_MISSING !== undefined) throw new Error(ICAP_MISSING);
  const folder = mkdtempSync(join(tmpdir(), 'lazaret-icap-'));
  const clamdFolder = mkdtempSync(join(tmpdir(), 'lazaret-icap-clamd-'));
  const clamd = await startClamd({ folder: clamdFolder, known, alerts: 'yes' });
  const port = await freePort();
  writeFileSync(join(folder, 'c-icap.conf'), settings(folder, clamdFolder, port));
  const child = spawn(DAEMON, ['-N', '-f', join(folder, 'c-icap.conf')], { stdio: 'ignore', detached: true });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  await listening(port, () => child.exitCode !== null);
  let clamdRuns = true;
  const stopClamd = async (): Promise<void> => {
    if (clamdRuns) await clamd.stop();
    clamdRuns = false;
  };
  return {
    address: `icap://127.0.0.1:${port}/virus_scan`,
    echo: `icap://127.0.0.1:${port}/echo`,
    stopClamd,
    async stop() {
      // Its own end takes half a minute; its children are in its process group.
      if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGKILL');
      await ended;
      await stopClamd();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function settings(folder: string, clamdFolder: string, port: number): string {
  return [
    `PidFile ${join(folder, 'c-icap.pid')}`,
    `CommandsSocket ${join(folder, 'c-icap.ctl')}`,
    `Port 127.0.0.1:${port}`,
    'StartServers 1',
    'MaxServers 1',
    'MinSpareThreads 10',
    'MaxSpareThreads 20',
    'ThreadsPerChild 20',
    'MaxKeepAliveRequests 5',
    `TmpDir ${folder}`,
    `ModulesDir ${MODULES}`,
    `ServicesDir ${MODULES}`,
    'TemplateDir /usr/share/c_icap/templates/',
    'TemplateDefaultLanguage en',
    'LoadMagicFile /etc/c-icap/c-icap.magic',
    `ServerLog ${join(folder, 'server.log')}`,
    'Service echo srv_echo.so',
    'Service antivirus_module virus_scan.so',
    'ServiceAlias avscan virus_scan',
    'virus_scan.ScanFileTypes TEXT DATA EXECUTABLE ARCHIVE GIF JPEG MSOFFICE',
    'virus_scan.SendPercentData 5',
    'virus_scan.StartSendPercentDataAfter 2M',
    'virus_scan.MaxObjectSize 5M',
    'Module common clamd_mod.so',
    `clamd_mod.ClamdSocket ${join(clamdFolder, 'clamd.sock')}`,
    'virus_scan.DefaultEngine clamd',
    '',
  ].join('\n');
}

function modules(): string | undefined {
  const folders = existsSync('/usr/lib') ? readdirSync('/usr/lib').filter((name) => name.endsWith('-linux-gnu')) : [];
  return folders
    .map((name) => join('/usr/lib', name, 'c_icap'))
    .find((path) => existsSync(join(path, 'virus_scan.so')) && existsSync(join(path, 'clamd_mod.so')));
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function listening(port: number, ended: () => boolean): Promise<void> {
  for (;;) {
    if (ended()) throw new Error('c-icap ended before it listened');
    const open = await new Promise<boolean>((resolve) => {
      const probe = createConnection(port, '127.0.0.1');
      probe.once('connect', () => resolve(true)).once('error', () => resolve(false));
      probe.once('connect', () => probe.destroy());
    });
    if (open) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
