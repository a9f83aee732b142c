/** A stand-in for scanners that answer later: two sandboxes that are asked over HTTP, and VirusTotal. */
import { randomBytes } from 'node:crypto';
import { httpStandIn } from './http-stand-in';
import type { Heard, Said } from './http-stand-in';
import { sha256 } from './desk';

/** What becomes of one file. Without a plan every sandbox calls it good at its first poll, and VirusTotal does not know it. */
export interface Plan {
  verdict?: 'good' | 'bad';
  /** Polls without a result before the one that has it. */
  after?: number;
  /** Submissions that are refused for the moment before one is taken. */
  busy?: number;
  /** No result until `finish`. */
  unfinished?: boolean;
  /** So many engines at VirusTotal call it malicious. */
  virusTotal?: number;
}

export interface Upload {
  scanner: string;
  sha256: string;
  callback: string | undefined;
}

export type ScannerHouse = Awaited<ReturnType<typeof startScannerHouse>>;

const POLLS = {
  sandbox: { pollSeconds: 1, deadlineSeconds: 25 },
  caller: { pollSeconds: 3_600, deadlineSeconds: 7_200 },
};

/** Starts one on a free port. `caller` would be polled once an hour: only its callback brings results within a test. */
export async function startScannerHouse() {
  const secret = randomBytes(12).toString('hex');
  const virusTotalKey = randomBytes(32).toString('hex');
  const plans = new Map<string, Plan>();
  const uploads: Upload[] = [];
  const polls = new Map<string, number>();
  const lookUps = new Map<string, number>();
  const count = (counts: Map<string, number>, key: string): number => {
    counts.set(key, (counts.get(key) ?? 0) + 1);
    return counts.get(key) ?? 0;
  };

  const submit = (scanner: string, { body, headers }: Heard): Said => {
    const hash = sha256(body);
    const plan = plans.get(hash);
    if (plan?.busy) {
      plans.set(hash, { ...plan, busy: plan.busy - 1 });
      return { status: 429, headers: { 'retry-after': '1' } };
    }
    const callback = headers['x-callback'];
    uploads.push({ scanner, sha256: hash, callback: typeof callback === 'string' ? callback : undefined });
    return { status: 202, json: { id: hash } };
  };
  const report = (hash: string): Said => {
    const { unfinished, after = 0, verdict = 'good' } = plans.get(hash) ?? {};
    const done = count(polls, hash) > after && !unfinished;
    return { json: done ? { status: 'done', verdict, sha256: hash } : { status: 'running' } };
  };
  const lookUp = (hash: string): Said => {
    count(lookUps, hash);
    const malicious = plans.get(hash)?.virusTotal;
    if (malicious === undefined) return { status: 404, json: { error: { code: 'NotFoundError' } } };
    const stats = { malicious, suspicious: 0, undetected: 60, harmless: 0 };
    return { json: { data: { id: hash, attributes: { last_analysis_stats: stats } } } };
  };
  const server = await httpStandIn((request) => {
    const [, scanner = '', kind, hash = ''] = request.url.split('/');
    const known = [`Bearer ${secret}`, virusTotalKey];
    if (!known.includes(String(request.headers.authorization ?? request.headers['x-apikey']))) return { status: 401 };
    if (scanner === 'vt') return request.method === 'GET' ? lookUp(hash) : { status: 500 };
    if (kind === 'tasks' && request.method === 'POST') return submit(scanner, request);
    return report(hash);
  });

  const describe = (name: keyof typeof POLLS) => ({
    name,
    submit: {
      url: `${server.origin}/${name}/tasks`,
      body: 'raw',
      id: '/id',
      callback: 'x-callback',
      headers: { Authorization: { secret: 'sandbox-token', prefix: 'Bearer ' } },
    },
    result: {
      url: `${server.origin}/${name}/report/{id}`,
      ...{ status: '/status', done: ['done'], verdict: '/verdict', sha256: '/sha256' },
      ...{ malicious: ['bad'], clean: ['good'] },
    },
    ...POLLS[name],
  });
  return {
    origin: server.origin,
    secret,
    virusTotalKey,
    descriptions: [describe('sandbox'), describe('caller')],
    plan: (bytes: Buffer, plan: Plan) => void plans.set(sha256(bytes), plan),
    finish: (bytes: Buffer) => void plans.set(sha256(bytes), { ...plans.get(sha256(bytes)), unfinished: false }),
    /** Submissions of these bytes that were taken, or all. */
    uploads: (scanner: string, bytes?: Buffer): Upload[] =>
      uploads.filter((one) => one.scanner === scanner && (!bytes || one.sha256 === sha256(bytes))),
    polls: (bytes: Buffer): number => polls.get(sha256(bytes)) ?? 0,
    /** How often VirusTotal was asked about these bytes. */
    lookUps: (bytes: Buffer): number => lookUps.get(sha256(bytes)) ?? 0,
    /** Bytes that anybody sent anywhere here. */
    bytesHeard: (): number => server.heard.reduce((sum, { body }) => sum + body.length, 0),
    stop: server.stop,
  };
}
