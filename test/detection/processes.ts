import { readdirSync, readFileSync } from 'node:fs';

/** What scanning processes take, as Linux counts it; nothing where there is no /proc. */
export class ProcessWatch {
  /** The most resident memory that any process had, in bytes. */
  peakBytes = 0;
  private readonly pids: () => readonly number[];
  private readonly known = new Map<number, number>();

  /** @param pids the processes of the moment */
  constructor(pids: () => readonly number[]) {
    this.pids = pids;
  }

  /** Milliseconds of processor time, all threads of all processes, since the last look. */
  look(): number {
    let spent = 0;
    for (const pid of this.pids()) {
      const now = processorMs(pid);
      spent += Math.max(0, now - (this.known.get(pid) ?? now));
      this.known.set(pid, now);
      this.peakBytes = Math.max(this.peakBytes, peakOf(pid));
    }
    return spent;
  }
}

/** `schedstat` counts in nanoseconds; `stat` would count in hundredths of a second. */
function processorMs(pid: number): number {
  try {
    const threads = readdirSync(`/proc/${pid}/task`);
    const spent = threads.map((thread) => Number(read(`/proc/${pid}/task/${thread}/schedstat`).split(' ')[0] ?? 0));
    return spent.reduce((sum, nanoseconds) => sum + nanoseconds, 0) / 1e6;
  } catch {
    return 0;
  }
}

function peakOf(pid: number): number {
  const line = /^VmHWM:\s+(\d+) kB/m.exec(read(`/proc/${pid}/status`));
  return Number(line?.[1] ?? 0) * 1024;
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
