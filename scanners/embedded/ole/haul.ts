import type { UnscannableReason } from '../../../domain/words';
import type { ContentType } from '../content-type';
import type { Member, Opened, PartFinding, PartLink } from '../opener';
import type { UnpackBudget } from '../unpack';
import { OLE_FINDINGS, type OleRule } from './findings';

const MAX_LINKS = 300;

/** Gathers what an opener gives, within its budget. What goes beyond is the gap `limit_reached`. */
export class Haul {
  private readonly members: Member[] = [];
  private readonly gaps = new Set<UnscannableReason>();
  private readonly findings = new Map<string, PartFinding>();
  private readonly links = new Map<string, PartLink>();
  private readonly budget: UnpackBudget;
  private bytesLeft: number;

  constructor(budget: UnpackBudget) {
    this.budget = budget;
    this.bytesLeft = budget.totalBytes;
  }

  /** Bytes that the next member may have. */
  room(): number {
    return Math.max(0, Math.min(this.bytesLeft, this.budget.memberBytes));
  }

  full(): boolean {
    return this.members.length >= this.budget.members || this.bytesLeft <= 0;
  }

  /** Keeps a part, whole or not at all. `type` spares the walk to look what it is. */
  member(name: string, data: Uint8Array, type?: ContentType): void {
    if (data.length === 0) return;
    if (this.full() || data.length > this.room()) return this.gap('limit_reached');
    this.bytesLeft -= data.length;
    this.members.push({ name, data, ...(type && { type }) });
  }

  gap(reason: UnscannableReason): void {
    this.gaps.add(reason);
  }

  /** Each rule once a place. */
  find(rule: OleRule, ...place: string[]): void {
    const key = [rule, ...place].join('\0');
    if (this.findings.size < 100 && !this.findings.has(key)) {
      this.findings.set(key, { rule, ...OLE_FINDINGS[rule], place });
    }
  }

  link(url: string, ...place: string[]): void {
    const clean = url.replace(/\0[^]*$/, '').trim();
    if (clean.length < 4 || this.links.has(clean)) return;
    if (this.links.size < MAX_LINKS) this.links.set(clean, { url: clean, place });
    else this.gap('too_many_links');
  }

  opened(): Opened {
    return {
      members: this.members,
      gaps: this.gaps,
      findings: [...this.findings.values()],
      links: [...this.links.values()],
    };
  }
}
