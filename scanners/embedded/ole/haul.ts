import { inflateRawSync, inflateSync } from 'node:zlib';
import type { UnscannableReason } from '../../../domain/words';
import type { ContentType } from '../content-type';
import type { Member, Opened, PartFinding, PartLink } from '../opener';
import type { UnpackBudget } from '../unpack';
import { OLE_FINDINGS, type OleRule } from './findings';

const MAX_LINKS = 300;
/** What runs without a question once Office has tried its own password. */
const RUNS_UNASKED = /^(Vba_Macro_Runs|Vba_Source_Missing|Xlm_|Excel_Dde)/;

/** Gathers what an opener gives, within its budget. What goes beyond is the gap `limit_reached`. */
export class Haul {
  private readonly members: Member[] = [];
  private readonly gaps = new Set<UnscannableReason>();
  private readonly findings = new Map<string, PartFinding>();
  private readonly links = new Map<string, PartLink>();
  private readonly budget: UnpackBudget;
  private bytesLeft: number;
  private inflateLeft: number;
  private hidden = false;

  constructor(budget: UnpackBudget) {
    this.budget = budget;
    this.bytesLeft = budget.totalBytes;
    this.inflateLeft = budget.totalBytes;
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

  /** Inflates within what all parts together may have. Over it is a gap; undefined for damage. */
  inflate(bytes: Buffer, raw: boolean): Buffer | 'over' | undefined {
    const limit = Math.min(this.room(), this.inflateLeft);
    try {
      if (limit <= 0) throw new RangeError();
      const options = { maxOutputLength: limit, finishFlush: 2 };
      const plain = raw ? inflateRawSync(bytes, options) : inflateSync(bytes, options);
      this.inflateLeft -= plain.length;
      return plain;
    } catch (error) {
      if (!(error instanceof RangeError)) return undefined;
      this.inflateLeft -= Math.max(limit, 0);
      this.gap('limit_reached');
      return 'over';
    }
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

  /** The document under the default password holds macros. */
  hidesMacros(): void {
    this.hidden = true;
  }

  link(url: string, ...place: string[]): void {
    const clean = url.replace(/\0[^]*$/, '').trim();
    if (clean.length < 4 || this.links.has(clean)) return;
    if (this.links.size < MAX_LINKS) this.links.set(clean, { url: clean, place });
    else this.gap('too_many_links');
  }

  /** People have no reason to lock up what runs by itself under a password that everybody has. */
  private aggravate(): void {
    const rules = [...this.findings.values()].map(({ rule }) => rule);
    if (!this.hidden && !rules.some((rule) => RUNS_UNASKED.test(rule))) return;
    for (const finding of this.findings.values()) {
      if (finding.rule === 'Ole_Default_Password') finding.severity = 'medium';
    }
  }

  opened(): Opened {
    this.aggravate();
    return {
      members: this.members,
      gaps: this.gaps,
      findings: [...this.findings.values()],
      links: [...this.links.values()],
    };
  }
}
