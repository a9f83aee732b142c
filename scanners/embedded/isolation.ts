import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';

const run = promisify(execFile);
const DIRECTORIES = ['/usr/bin', '/bin', '/usr/sbin', '/sbin', '/usr/local/bin'];
/** `nobody` on Debian, Alpine and Red Hat. */
const NOBODY = '65534';

/** What stands around the scanning processes on this machine; shown by /readyz. */
export interface Isolation {
  separateProcess: true;
  emptyEnvironment: true;
  unprivilegedUser: boolean;
  noNewPrivileges: boolean;
  noNetwork: boolean;
  resourceLimits: boolean;
  diesWithParent: boolean;
}

/** How to start a child: program and leading arguments; Node's own arguments follow. */
export interface Launcher {
  execPath: string;
  prefix: string[];
  isolation: Isolation;
}

interface Layer {
  gives: Partial<Isolation>;
  tool: string;
  args: string[];
}

/**
 * Finds what this machine offers, by trying each layer with a process that must still be able to read `mustRead`.
 * A missing or forbidden tool is left out, never an error.
 * @param dataBytes bound of writable memory. RLIMIT_DATA, since RLIMIT_AS would count WebAssembly's empty reservations
 */
export async function probeIsolation(mustRead: string, dataBytes: number): Promise<Launcher> {
  let prefix: string[] = [];
  let isolation: Isolation = {
    separateProcess: true,
    emptyEnvironment: true,
    unprivilegedUser: false,
    noNewPrivileges: false,
    noNetwork: false,
    resourceLimits: false,
    diesWithParent: false,
  };
  if (process.platform === 'linux') {
    for (const alternatives of layers(dataBytes)) {
      for (const layer of alternatives) {
        const tool = locate(layer.tool);
        if (!tool) continue;
        const attempt = [...prefix, tool, ...layer.args];
        if (!(await works(attempt, mustRead))) continue;
        prefix = attempt;
        isolation = { ...isolation, ...layer.gives };
        break;
      }
    }
  }
  const [first, ...rest] = [...prefix, process.execPath];
  return { execPath: first ?? process.execPath, prefix: rest, isolation };
}

function layers(dataBytes: number): Layer[][] {
  const limits = ['--core=0', '--fsize=0', '--nofile=256', `--data=${dataBytes}`];
  const user = ['--reuid', NOBODY, '--regid', NOBODY, '--clear-groups'];
  const root = process.getuid?.() === 0;
  return [
    [
      { gives: { noNetwork: true }, tool: 'unshare', args: ['--net', '--'] },
      { gives: { noNetwork: true }, tool: 'unshare', args: ['--user', '--net', '--'] },
    ],
    [{ gives: { resourceLimits: true }, tool: 'prlimit', args: limits }],
    root ? [{ gives: { unprivilegedUser: true }, tool: 'setpriv', args: user }] : [],
    [{ gives: { noNewPrivileges: true }, tool: 'setpriv', args: ['--no-new-privs'] }],
    [{ gives: { diesWithParent: true }, tool: 'setpriv', args: ['--pdeathsig', 'KILL'] }],
  ];
}

function locate(tool: string): string | undefined {
  return DIRECTORIES.map((directory) => `${directory}/${tool}`).find((path) => existsSync(path));
}

async function works(prefix: readonly string[], mustRead: string): Promise<boolean> {
  const [first, ...rest] = prefix;
  if (!first) return false;
  const script = `require('node:fs').readFileSync(process.argv[1])`;
  try {
    await run(first, [...rest, process.execPath, '-e', script, mustRead], { env: {}, timeout: 10_000, cwd: '/' });
    return true;
  } catch {
    return false;
  }
}
