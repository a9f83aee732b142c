import type { EngineReport, Finding } from '../domain/inspection';
import type { Severity, UnscannableReason } from '../domain/words';
import type { AsyncAnswer, AsyncEngine, KnownFile, SubmissionHandle } from './async-engine';
import { failedReport } from './engine';
import { checkOutsideUrl, OutsideClient, type OutsideAnswer } from './http-scanner-client';
import { formBody } from './http-scanner-form';
import {
  analysisSchema,
  fileSchema,
  submissionSchema,
  uploadUrlSchema,
  type VirusTotalStats,
} from './virustotal-schema';
import { canParseUrl } from '../domain/urls';

export interface VirusTotalOptions {
  /** API key: a secret. */
  key: string;
  /** Default `https://www.virustotal.com/api/v3`. */
  apiUrl?: string;
  /** So many engines make a file malicious; fewer are shown, two or more as suspicious. Default 3. */
  maliciousFrom?: number;
  /** Whether files of organisations that allow it are uploaded where their hash is unknown. Default false. */
  uploadAllowed?: boolean;
  /** Longest wait for an answer. Default 20 s. */
  timeoutMs?: number;
  /** Longest wait for an analysis of an uploaded file. Default 15 minutes. */
  deadlineMs?: number;
  privateHosts?: readonly string[];
}

const NAME = 'virustotal';
const DIRECT_UPLOAD_BYTES = 32 * 1024 * 1024;
const MAX_UPLOAD_BYTES = 650 * 1024 * 1024;
/** Fewer engines than this that looked are no ground to call a file clean. */
const ENOUGH_ENGINES = 10;
const POLL_MS = 20_000;
const QUOTA_MS = 60_000;

/**
 * VirusTotal, asked by SHA-256 (API v3). A hash that it does not know is `unknown`, which is no answer about the file. Bytes
 * leave the house only where both the installation and the organisation allow it.
 * @throws when the address is not allowed
 */
export function createVirusTotalEngine(options: VirusTotalOptions): AsyncEngine {
  return new VirusTotal(options);
}

class VirusTotal implements AsyncEngine {
  readonly name = NAME;
  readonly looksAtBytes = false;
  readonly callback = false;
  readonly deadlineMs: number;
  private readonly options: VirusTotalOptions;
  private readonly client: OutsideClient;
  private readonly api: string;
  private trouble: string | undefined;
  private asked = false;

  constructor(options: VirusTotalOptions) {
    this.options = options;
    this.deadlineMs = options.deadlineMs ?? 15 * 60_000;
    const api = options.apiUrl ?? 'https://www.virustotal.com/api/v3';
    this.api = checkOutsideUrl(api, options.privateHosts).href.replace(/\/$/, '');
    this.client = new OutsideClient({
      timeoutMs: options.timeoutMs ?? 20_000,
      ...(options.privateHosts && { privateHosts: options.privateHosts }),
    });
  }

  async submit(file: KnownFile): Promise<AsyncAnswer> {
    const started = Date.now();
    const answer = await this.get(`/files/${file.sha256}`);
    if (answer.state === 'answer' && answer.status === 404) return this.unknownFile(file);
    const refused = this.refusal(answer);
    if (refused) return refused;
    const parsed = fileSchema.safeParse(answer.state === 'answer' ? answer.json : undefined);
    // An answer about another file says nothing about this one.
    if (!parsed.success || parsed.data.data.id !== file.sha256) return this.failed('engine_unavailable');
    const { last_analysis_stats: stats, last_analysis_date: date } = parsed.data.data.attributes;
    return { state: 'done', report: this.report(file.sha256, stats, date, started) };
  }

  async fetchResult(handle: SubmissionHandle): Promise<AsyncAnswer> {
    if (Date.now() > Date.parse(handle.expiresAt)) return this.failed('timeout');
    const pending = { state: 'pending' as const, handle };
    const answer = await this.get(`/analyses/${encodeURIComponent(handle.id)}`);
    if (answer.state === 'failed' || answer.status >= 500) {
      return {
        ...pending,
        retryAfterMs: POLL_MS,
        trouble: answer.state === 'failed' ? answer.reason : 'engine_unavailable',
      };
    }
    if (answer.status === 429) return { ...pending, retryAfterMs: answer.retryAfterMs ?? QUOTA_MS };
    const parsed = analysisSchema.safeParse(answer.json);
    if (answer.status !== 200 || !parsed.success) return this.failed('engine_unavailable');
    const { status, stats, date } = parsed.data.data.attributes;
    if (status !== 'completed') return { ...pending, retryAfterMs: POLL_MS };
    if (!stats || parsed.data.meta?.file_info.sha256 !== handle.sha256) return this.failed('engine_unavailable');
    const started = Date.parse(handle.submittedAt);
    return { state: 'done', report: this.report(handle.sha256, stats, date, started) };
  }

  /** What the last request said: a question of its own would cost quota. */
  health(): ReturnType<AsyncEngine['health']> {
    const detail = this.trouble ?? (this.asked ? 'answers' : 'not asked yet');
    return Promise.resolve({ engine: NAME, ok: this.trouble === undefined, detail, ...VERSIONS });
  }

  close(): Promise<void> {
    return this.client.close();
  }

  private async unknownFile(file: KnownFile): Promise<AsyncAnswer> {
    const allowed = this.options.uploadAllowed === true && file.mayUpload && file.length <= MAX_UPLOAD_BYTES;
    return allowed ? this.upload(file) : { state: 'done', report: UNKNOWN };
  }

  private async upload(file: KnownFile): Promise<AsyncAnswer> {
    const url = file.length <= DIRECT_UPLOAD_BYTES ? `${this.api}/files` : await this.uploadUrl();
    if (typeof url !== 'string') return url;
    const form = formBody({}, 'file', { stream: await file.open(), length: file.length });
    const headers = { ...this.headers(), 'content-type': form.contentType };
    const answer = this.note(await this.client.send({ method: 'POST', url, headers, body: form }));
    const refused = this.refusal(answer);
    if (refused) return refused;
    const parsed = submissionSchema.safeParse(answer.state === 'answer' ? answer.json : undefined);
    if (!parsed.success) return this.failed('engine_unavailable');
    const now = Date.now();
    const handle: SubmissionHandle = {
      engine: NAME,
      id: parsed.data.data.id,
      sha256: file.sha256,
      submittedAt: new Date(now).toISOString(),
      expiresAt: new Date(now + this.deadlineMs).toISOString(),
    };
    return { state: 'pending', handle, retryAfterMs: POLL_MS };
  }

  /** The service names an address for large files; it must be one of its own. */
  private async uploadUrl(): Promise<string | AsyncAnswer> {
    const answer = await this.get('/files/upload_url');
    const refused = this.refusal(answer);
    if (refused) return refused;
    const parsed = uploadUrlSchema.safeParse(answer.state === 'answer' ? answer.json : undefined);
    if (!parsed.success || !canParseUrl(parsed.data.data)) return this.failed('engine_unavailable');
    const url = new URL(parsed.data.data);
    const own = url.origin === new URL(this.api).origin;
    const theirs = url.protocol === 'https:' && /(^|\.)virustotal\.com$/.test(url.hostname) && url.port === '';
    return own || theirs ? url.href : this.failed('engine_unavailable');
  }

  private async get(path: string): Promise<OutsideAnswer> {
    return this.note(await this.client.send({ method: 'GET', url: `${this.api}${path}`, headers: this.headers() }));
  }

  private headers(): Record<string, string> {
    return { 'x-apikey': this.options.key, accept: 'application/json' };
  }

  private note(answer: OutsideAnswer): OutsideAnswer {
    this.asked = true;
    if (answer.state === 'failed') this.trouble = 'VirusTotal does not answer';
    else if (answer.status === 429) this.trouble = "the key's quota at VirusTotal is used up";
    else if ([401, 403].includes(answer.status)) this.trouble = 'VirusTotal refuses the key';
    else this.trouble = answer.status >= 500 ? 'VirusTotal answers with errors' : undefined;
    return answer;
  }

  /** An answer that says nothing about the file. */
  private refusal(answer: OutsideAnswer): AsyncAnswer | undefined {
    if (answer.state === 'failed') return this.failed(answer.reason);
    if (answer.status === 429) return { state: 'busy', retryAfterMs: answer.retryAfterMs ?? QUOTA_MS };
    return answer.status === 200 ? undefined : this.failed('engine_unavailable');
  }

  private failed(reason: UnscannableReason): AsyncAnswer {
    return { state: 'done', report: failedReport(NAME, reason) };
  }

  private report(sha256: string, stats: VirusTotalStats, date: number | undefined, started: number): EngineReport {
    const rulesVersion = date === undefined ? '' : new Date(date * 1_000).toISOString();
    const base = {
      engine: NAME,
      engineVersion: VERSIONS.engineVersion,
      rulesVersion,
      ms: Math.max(0, Date.now() - started),
    };
    const looked = stats.malicious + stats.suspicious + stats.undetected + stats.harmless;
    const severity = severityOf(stats, this.options.maliciousFrom ?? 3);
    if (!severity) return { ...base, result: looked >= ENOUGH_ENGINES ? 'clean' : 'unknown', findings: [] };
    const finding: Finding = {
      ...{ engine: NAME, severity, path: [] },
      rule: severity === 'high' ? 'Virustotal_Many_Engines' : 'Virustotal_Few_Engines',
      what: `${stats.malicious} of ${looked} engines at VirusTotal call this file malicious, ${stats.suspicious} suspicious.`,
      reference: `https://www.virustotal.com/gui/file/${sha256}`,
    };
    return { ...base, result: 'findings', findings: [finding] };
  }
}

const VERSIONS = { engineVersion: 'API v3', rulesVersion: '' };
const UNKNOWN: EngineReport = { engine: NAME, ...VERSIONS, result: 'unknown', findings: [], ms: 0 };

function severityOf({ malicious, suspicious }: VirusTotalStats, maliciousFrom: number): Severity | undefined {
  if (malicious >= maliciousFrom) return 'high';
  if (malicious >= 2 || suspicious >= maliciousFrom) return 'medium';
  return malicious + suspicious > 0 ? 'low' : undefined;
}
