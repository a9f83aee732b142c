import type { Severity } from '../../../domain/words';
import type { Gap } from '../unpack';
import type { Member, Opened, PartFinding, PartLink } from '../opener';

/** Links that one part gives. Tables of thousands of addresses are everyday; each further host is one more, not each link. */
const MAX_PART_LINKS = 100;
/** Findings of one part; there is as much room again for grave ones, so that lesser ones do not crowd them out. */
const MAX_FINDINGS = 200;

/** Gathers what an opener has to say. Each finding and each link is kept once; links of new hosts first. */
export class Found {
  readonly members: Member[] = [];
  readonly gaps = new Set<Gap>();
  private readonly findings = new Map<string, PartFinding>();
  private readonly links = new Map<string, PartLink>();
  private readonly hosts = new Set<string>();

  /** @param place steps inwards from the part, where the finding is not about the part as a whole */
  find(rule: string, severity: Severity | undefined, what: string, place: string[] = []): void {
    const key = JSON.stringify([rule, severity, place]);
    const most = severity === 'high' ? 2 * MAX_FINDINGS : MAX_FINDINGS;
    if (severity && this.findings.size < most && !this.findings.has(key)) {
      this.findings.set(key, { rule, severity, what, place });
    }
  }

  /** Keeps what looks like an absolute address. */
  link(raw: string, shown?: string): void {
    const url = raw.trim();
    if (!/^([a-z][\w+.-]{1,30}:|\\\\)/i.test(url) || /^(mailto|tel|javascript|about|data|#)/i.test(url)) return;
    if (this.links.has(url) || this.links.size >= MAX_PART_LINKS) return;
    const host = /^[a-z][\w+.-]*:[\\/]*([^\\/?#]*)/i.exec(url)?.[1]?.toLowerCase() ?? url;
    // The second half is for hosts not seen yet.
    if (this.links.size >= MAX_PART_LINKS / 2 && this.hosts.has(host)) return;
    this.hosts.add(host);
    const text = shown?.trim().slice(0, 2_000);
    this.links.set(url, { url, ...(text && text !== url && { shown: text }), place: [] });
  }

  opened(): Opened {
    const { members, gaps } = this;
    return { members, gaps, findings: [...this.findings.values()], links: [...this.links.values()] };
  }
}
