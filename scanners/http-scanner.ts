import type { Finding } from '../domain/inspection';
import type { Severity, UnscannableReason } from '../domain/words';
import type { AsyncAnswer, AsyncEngine, KnownFile, SubmissionHandle } from './async-engine';
import { failedReport } from './engine';
import { atPointer, OutsideClient, plainWord, type OutsideAnswer } from './http-scanner-client';
import type { HttpScannerDescription } from './http-scanner-description';
import { formBody } from './http-scanner-form';
import { unscannable, type Outcome } from './stream-session';

/**
 * A scanner that takes a file over HTTP and has its verdict later: a sandbox, or a service of one's own. What it says is
 * read as its description tells; a word that is not described is no answer, and the result of another file is refused.
 * @param secrets by the names that the description's headers use
 * @throws with a sentence when a secret is missing
 */
export function createHttpScanner(
  description: HttpScannerDescription,
  secrets: Readonly<Record<string, string>>,
): AsyncEngine {
  return new HttpScanner(description, secrets);
}

class HttpScanner implements AsyncEngine {
  readonly name: string;
  readonly looksAtBytes = true;
  readonly callback: boolean;
  readonly deadlineMs: number;
  private readonly description: HttpScannerDescription;
  private readonly client: OutsideClient;
  private readonly submitHeaders: Record<string, string>;
  private readonly resultHeaders: Record<string, string>;
  private trouble: string | undefined;
  private version = '';

  constructor(description: HttpScannerDescription, secrets: Readonly<Record<string, string>>) {
    this.description = description;
    this.name = description.name;
    this.callback = description.submit.callback !== undefined;
    this.deadlineMs = description.deadlineSeconds * 1_000;
    this.submitHeaders = filled(description.submit.headers, secrets, this.name);
    const forResult = description.result.headers;
    this.resultHeaders = forResult ? filled(forResult, secrets, this.name) : this.submitHeaders;
    this.client = new OutsideClient({
      timeoutMs: description.timeoutSeconds * 1_000,
      privateHosts: description.privateHosts,
    });
  }

  async submit(file: KnownFile, callbackUrl?: string): Promise<AsyncAnswer> {
    if (!file.mayUpload) return this.done({ result: 'unknown', findings: [] });
    if (file.length > this.description.maxBytes) return this.unscannable('too_large');
    const answer = await this.send(file, callbackUrl);
    if (answer.state === 'failed') return this.failed(answer.reason);
    if (answer.status === 413) return this.unscannable('too_large');
    if (answer.status === 429) return { state: 'busy', retryAfterMs: answer.retryAfterMs ?? this.pollMs };
    if (answer.status < 200 || answer.status > 299) return this.failed('engine_unavailable');
    const handle = this.handleFor(file.sha256, answer.json);
    if (!handle) return this.failed('engine_unavailable');
    if (this.description.result.url !== undefined) return { state: 'pending', handle, retryAfterMs: this.pollMs };
    return this.read(answer.json, handle) ?? this.failed('engine_unavailable');
  }

  async fetchResult(handle: SubmissionHandle): Promise<AsyncAnswer> {
    const { url } = this.description.result;
    if (url === undefined) return this.failed('engine_unavailable');
    if (Date.now() > Date.parse(handle.expiresAt)) return this.failed('timeout');
    const address = url
      .replaceAll('{id}', () => encodeURIComponent(handle.id))
      .replaceAll('{sha256}', () => handle.sha256);
    const headers = { accept: 'application/json', ...this.resultHeaders };
    const answer = this.note(await this.client.send({ method: 'GET', url: address, headers }));
    const pending = { state: 'pending' as const, handle, retryAfterMs: this.pollMs };
    if (answer.state === 'failed') return { ...pending, trouble: answer.reason };
    if (answer.status === 429) return { ...pending, retryAfterMs: answer.retryAfterMs ?? this.pollMs };
    // Many services know a submission only after a moment.
    if (answer.status === 202 || answer.status === 404) return pending;
    if (answer.status >= 500) return { ...pending, trouble: 'engine_unavailable' };
    if (answer.status !== 200) return this.failed('engine_unavailable');
    if (answer.json === undefined) return { ...pending, trouble: 'engine_unavailable' };
    return this.read(answer.json, handle) ?? pending;
  }

  /** What the last request said: a scanner of this kind has no question that costs nothing. */
  health(): ReturnType<AsyncEngine['health']> {
    const { name: engine, version: engineVersion, trouble } = this;
    const detail = trouble ?? 'no trouble with the last request';
    return Promise.resolve({ engine, ok: trouble === undefined, detail, engineVersion, rulesVersion: '' });
  }

  close(): Promise<void> {
    return this.client.close();
  }

  private get pollMs(): number {
    return this.description.pollSeconds * 1_000;
  }

  private async send(file: KnownFile, callbackUrl: string | undefined): Promise<OutsideAnswer> {
    const { submit } = this.description;
    const raw = submit.body === 'raw';
    const called = submit.callback !== undefined && callbackUrl !== undefined ? { [submit.callback]: callbackUrl } : {};
    const content = { stream: await file.open(), length: file.length };
    const form = raw ? undefined : formBody({ ...submit.fields, ...called }, submit.field, content);
    const headers = {
      accept: 'application/json',
      'content-type': form?.contentType ?? 'application/octet-stream',
      ...this.submitHeaders,
      ...(raw && called),
    };
    return this.note(
      await this.client.send({ method: submit.method, url: submit.url, headers, body: form ?? content }),
    );
  }

  private handleFor(sha256: string, json: unknown): SubmissionHandle | undefined {
    const { id: at } = this.description.submit;
    const given = at === undefined ? sha256 : atPointer(json, at);
    const id = typeof given === 'number' ? String(given) : given;
    if (typeof id !== 'string' || !/^[\w.:~=+-]{1,200}$/.test(id)) return undefined;
    const now = Date.now();
    return {
      ...{ engine: this.name, id, sha256 },
      submittedAt: new Date(now).toISOString(),
      expiresAt: new Date(now + this.deadlineMs).toISOString(),
    };
  }

  /** Undefined: not done yet. */
  private read(json: unknown, handle: SubmissionHandle): AsyncAnswer | undefined {
    const { result } = this.description;
    const status = result.status === undefined ? undefined : String(atPointer(json, result.status));
    if (status !== undefined && result.failed.includes(status)) return this.unscannable('malformed', handle);
    if (status !== undefined && !result.done.includes(status)) return undefined;
    const sha256 = result.sha256 === undefined ? handle.sha256 : atPointer(json, result.sha256);
    if (typeof sha256 !== 'string' || sha256.toLowerCase() !== handle.sha256) return this.failed('engine_unavailable');
    const severity = this.severityOf(atPointer(json, result.verdict));
    if (severity === undefined) return this.failed('engine_unavailable');
    this.version = (result.version && plainWord(atPointer(json, result.version))) ?? '';
    if (severity === 'clean') return this.done({ result: 'clean', findings: [] }, handle);
    return this.done({ result: 'findings', findings: [this.finding(severity, json)] }, handle);
  }

  /** A word or number outside the description is no verdict. */
  private severityOf(value: unknown): Severity | 'clean' | undefined {
    const { malicious, suspicious, clean, maliciousFrom, suspiciousFrom } = this.description.result;
    if (typeof value === 'number' && maliciousFrom !== undefined) {
      // Scores below zero mean that there is none.
      if (value < 0) return undefined;
      if (value >= maliciousFrom) return 'high';
      return suspiciousFrom !== undefined && value >= suspiciousFrom ? 'medium' : 'clean';
    }
    const word = typeof value === 'string' || typeof value === 'boolean' ? String(value) : '';
    if (malicious.includes(word)) return 'high';
    if (suspicious.includes(word)) return 'medium';
    return clean.includes(word) ? 'clean' : undefined;
  }

  private finding(severity: Severity, json: unknown): Finding {
    const { threat } = this.description.result;
    const named = threat === undefined ? undefined : plainWord(atPointer(json, threat));
    const what =
      severity === 'high'
        ? 'The outside scanner calls this file malware.'
        : 'The outside scanner calls this file suspicious.';
    const fallback = severity === 'high' ? 'Http_Scanner_Malicious' : 'Http_Scanner_Suspicious';
    return { engine: this.name, rule: named ?? fallback, severity, path: [], what };
  }

  private note(answer: OutsideAnswer): OutsideAnswer {
    const status = answer.state === 'answer' ? answer.status : 0;
    if (status === 0) this.trouble = 'the scanner does not answer';
    else if (status === 401 || status === 403) this.trouble = 'the scanner refuses our credentials';
    else if (status === 429) this.trouble = 'the scanner takes no more requests for now';
    else
      this.trouble = status >= 500 || (status >= 300 && status < 400) ? 'the scanner answers with errors' : undefined;
    return answer;
  }

  private done(outcome: Outcome, handle?: SubmissionHandle): AsyncAnswer {
    const ms = handle ? Math.max(0, Date.now() - Date.parse(handle.submittedAt)) : 0;
    const versions = { engineVersion: this.version, rulesVersion: '' };
    return { state: 'done', report: { engine: this.name, ...versions, ...outcome, ms } };
  }

  private unscannable(reason: UnscannableReason, handle?: SubmissionHandle): AsyncAnswer {
    return this.done(unscannable(reason), handle);
  }

  private failed(reason: UnscannableReason): AsyncAnswer {
    return { state: 'done', report: failedReport(this.name, reason) };
  }
}

type Headers = HttpScannerDescription['submit']['headers'];

function filled(headers: Headers, secrets: Readonly<Record<string, string>>, scanner: string): Record<string, string> {
  const entries = Object.entries(headers).map(([header, value]): [string, string] => {
    if (typeof value === 'string') return [header.toLowerCase(), value];
    const secret = Object.hasOwn(secrets, value.secret) ? secrets[value.secret] : undefined;
    if (secret === undefined) throw new Error(`The HTTP scanner ${scanner} needs the secret ${value.secret}.`);
    return [header.toLowerCase(), `${value.prefix ?? ''}${secret}`];
  });
  return Object.fromEntries(entries);
}
