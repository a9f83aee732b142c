import { createHash } from 'node:crypto';
import type { UnscannableReason } from '../../domain/words';
import { cutMiddle } from '../../domain/text';
import { findArchives } from './carve';
import type { ContentType, TypeDetector } from './content-type';
import { isOutOfMemory } from './inflate';
import { nameFindings } from './names';
import type { Opened, PartLink } from './opener';
import { OPENERS } from './openers';
import { lazily } from './passwords';
import type { ChildFinding, ChildLink, InspectionLimits } from './protocol';
import type { Unpacker } from './unpack';
import { hiddenInside } from './walk-hidden';
import { memberName } from './walk-names';
import { PictureBudget } from './walk-pictures';
import { WalkLinks } from './walk-links';
import { WalkTexts } from './walk-texts';
import type { RuleSet } from './yara';
import { OUTSIDE_ENTRIES } from './zip';

export interface WalkTools {
  rules: RuleSet;
  types: TypeDetector;
  unpacker: Unpacker;
  /** Told of every part that is looked at, after the part it came out of. */
  watch?: (part: Part, type: ContentType, sha256: string) => void;
}

export interface WalkTarget {
  fileName: string;
  declaredType?: string;
  passwords: readonly string[];
  /** The conversation that brought the file. */
  text?: string;
}

/** What a walk leaves unsaid by findings: the gravest reason for not having seen everything, and the outer type. */
export interface WalkResult {
  reason?: UnscannableReason;
  detectedType?: string;
  /** Links of all parts, each address once. */
  links: ChildLink[];
}

/** A file, or what was found inside one. Its path leads from the outermost file to it. */
export interface Part {
  path: string[];
  name: string;
  data: Uint8Array;
  type?: ContentType;
  /** The part it came out of. */
  parent?: Part;
  /** An archive cut out of other content. `guessed`: that it does not open is no gap. */
  carved?: 'sure' | 'guessed';
  /** What no entry of a guessed archive covers. */
  remains?: true;
}

/** An encrypted container waits until its surroundings were read: a password may stand there. */
interface Locked {
  part: Part;
  type: ContentType;
  tried: readonly string[];
}

/** Passwords for containers that cost a run each. */
const MAX_TRIES = 8;
const MAX_NAME = 255;
const MAX_PATH = 64;
const GRAVEST_FIRST: readonly UnscannableReason[] = [
  'too_large',
  'encrypted',
  'limit_reached',
  'timeout',
  'too_many_links',
  'malformed',
];

/**
 * Looks at a file and everything inside it: rules over every part, containers opened until a limit. Findings are given
 * to `report` as they are made, so that a killed process does not take them along.
 */
export async function walkFile(
  tools: WalkTools,
  limits: InspectionLimits,
  target: WalkTarget,
  data: Uint8Array,
  report: (finding: ChildFinding) => void,
): Promise<WalkResult> {
  return new Walk(tools, limits, target, report).run(data);
}

class Walk {
  private readonly tools: WalkTools;
  private readonly limits: InspectionLimits;
  private readonly target: WalkTarget;
  private readonly report: (finding: ChildFinding) => void;
  private readonly reasons = new Set<UnscannableReason>();
  private readonly opened = new Set<string>();
  private readonly scanned = new Set<string>();
  private readonly reported = new Set<string>();
  private readonly links = new WalkLinks();
  private readonly texts = new WalkTexts();
  private readonly locked: Locked[] = [];
  private readonly deadline: number;
  private members = 0;
  private bytesOut = 0;
  private readonly pictures = new PictureBudget();

  constructor(tools: WalkTools, limits: InspectionLimits, target: WalkTarget, report: (finding: ChildFinding) => void) {
    this.tools = tools;
    this.limits = limits;
    this.target = target;
    this.report = report;
    // Before the parent's clock, so that what was seen is reported with its reason.
    this.deadline = performance.now() + limits.wallMs * 0.8;
  }

  async run(data: Uint8Array): Promise<WalkResult> {
    const name = this.target.fileName;
    const outer: Part = { path: [cutMiddle(name, MAX_NAME)], name, data };
    const type = await this.tools.types.detect(data, name);
    const stack: Part[] = await this.look(outer, type);
    while (stack.length > 0 || this.locked.length > 0) {
      if (performance.now() > this.deadline) {
        this.reasons.add('timeout');
        break;
      }
      const part = stack.pop();
      if (part)
        stack.push(...(await this.look(part, part.type ?? (await this.tools.types.detect(part.data, part.name)))));
      else stack.push(...(await this.openLocked()));
    }
    const reason = GRAVEST_FIRST.find((word) => this.reasons.has(word));
    const links = this.links.all();
    return { ...(reason && { reason }), ...(type.mime && { detectedType: type.mime }), links };
  }

  /** Rules over one part; gives the parts inside it. */
  private async look(part: Part, type: ContentType): Promise<Part[]> {
    const digest = createHash('sha256').update(part.data).digest('hex');
    this.tools.watch?.(part, type, digest);
    const base = part.name.split(/[/\\]/).at(-1) ?? '';
    const scanKey = `${digest} ${base}`;
    if (!this.scanned.has(scanKey)) {
      this.scanned.add(scanKey);
      this.applyRules(part, base, type, digest);
      if (!part.carved) this.compareName(part, type);
    }
    // The same bytes hold the same parts: ends quines, saves time.
    if (this.opened.has(digest)) return [];
    this.opened.add(digest);
    this.texts.note(part, type.mime);
    if (part.carved) return this.openPart(part, { mime: type.mime, container: 'archive' });
    const carved = type.container === 'archive' ? [] : this.carve(part, type);
    carved.push(...this.adopt(part, { members: hiddenInside(part.data, type.container), gaps: new Set() }));
    if (type.container === 'none') return carved;
    if (part.path.length > this.limits.maxDepth) {
      this.reasons.add('limit_reached');
      return carved;
    }
    return [...carved, ...(await this.openPart(part, type))];
  }

  /** Only the outermost file has nothing around it to wait for. */
  private async openPart(part: Part, type: ContentType): Promise<Part[]> {
    const candidates = part.parent ? [] : lazily(() => this.candidates(part));
    const opened = await this.open(part, type, candidates);
    if (!opened.gaps.has('encrypted')) return this.adopt(part, opened);
    this.locked.push({ part, type, tried: [...candidates] });
    return this.adopt(part, { ...opened, gaps: without(opened.gaps, 'encrypted') });
  }

  private async openLocked(): Promise<Part[]> {
    const next = this.locked.shift();
    if (!next) return [];
    const { part, type, tried } = next;
    const candidates = this.candidates(part);
    if (candidates.every((word) => tried.includes(word))) {
      this.adopt(part, { members: [], gaps: new Set(['encrypted']) });
      return [];
    }
    return this.adopt(part, await this.open(part, type, candidates));
  }

  private candidates(part: Part): string[] {
    return this.texts.candidates(part, this.target.passwords, this.target.text ?? '');
  }

  private applyRules(part: Part, base: string, type: ContentType, digest: string): void {
    const dot = base.lastIndexOf('.');
    const variables = {
      filename: base,
      filepath: part.path.join('/'),
      extension:
        dot > 0
          ? base
              .slice(dot + 1)
              .trim()
              .toLowerCase()
          : '',
      filetype: type.mime,
      owner: '',
    };
    const hits = this.tools.rules.scan(part.data, variables, digest);
    for (const hit of hits) this.tell({ ...hit, path: part.path.slice(0, MAX_PATH) });
  }

  /** A part cut out of another one has no name of its own. */
  private compareName(part: Part, type: ContentType): void {
    const declared = part.parent ? undefined : this.target.declaredType;
    for (const { place, ...finding } of nameFindings(part.name, type.mime, part.data, declared)) {
      this.tell({ ...finding, path: pathOf(part, place) });
    }
  }

  /** Each finding once: an archive cut out of a part is scanned as a part of the same name. */
  private tell(finding: ChildFinding): void {
    const key = JSON.stringify([finding.rule, finding.path]);
    if (!this.reported.has(key)) this.report(finding);
    this.reported.add(key);
  }

  private keepLink(part: Part, { url, shown, place }: PartLink): void {
    if (!this.links.keep(url, shown, () => pathOf(part, place))) this.reasons.add('too_many_links');
  }

  private async open(part: Part, type: ContentType, candidates: Iterable<string>): Promise<Opened> {
    const nothing = { members: [], gaps: new Set<UnscannableReason>() };
    const budget = {
      totalBytes: this.limits.maxTotalBytes - this.bytesOut,
      memberBytes: this.limits.maxMemberBytes,
      members: this.limits.maxMembers - this.members,
    };
    const picture = type.container === 'image';
    if (budget.totalBytes <= 0 || budget.members <= 0 || (picture && this.pictures.over)) {
      this.reasons.add('limit_reached');
      return nothing;
    }
    if (type.container === 'none') return nothing;
    const opener = OPENERS[type.container];
    const context = {
      name: part.name,
      type,
      passwords: lazily(() => [...candidates].slice(0, MAX_TRIES)),
      morePasswords: lazily(() => [...candidates].slice(MAX_TRIES)),
      budget,
      unpacker: this.tools.unpacker,
      hurried: this.pictures.hurried,
    };
    try {
      if (picture) return await this.pictures.spend(async () => opener(part.data, context));
      return await opener(part.data, context);
    } catch (error) {
      // Out of memory is told by the process itself.
      if (isOutOfMemory(error)) throw error;
      return { members: [], gaps: new Set(['malformed']) };
    }
  }

  private adopt(part: Part, unpacked: Opened): Part[] {
    const guess = part.carved === 'guessed' || part.remains === true;
    // Sectors of a compound file lie in any order: a zip made of neighbours that are no zip has what looks like tricks.
    const told = guess ? [] : (unpacked.findings ?? []);
    for (const { place, ...finding } of told) this.tell({ ...finding, path: pathOf(part, place) });
    for (const link of unpacked.links ?? []) this.keepLink(part, link);
    for (const gap of unpacked.gaps) {
      // A guess that opens is an archive; damage at its end may be the bytes behind it.
      if (!guess || (unpacked.members.length > 0 && gap !== 'malformed')) this.reasons.add(gap);
    }
    return unpacked.members.flatMap(({ name, data, type }) => {
      this.members += 1;
      this.bytesOut += data.length;
      const shown = memberName(part.name, name);
      const path = [...part.path, cutMiddle(shown, MAX_NAME)];
      const remains = guess && name === OUTSIDE_ENTRIES;
      return [{ path, name: shown, data, parent: part, ...(type && { type }), ...(remains && { remains }) }];
    });
  }

  /** Archives in and behind other content: a picture, a document, a self-extractor, a mail. */
  private carve(part: Part, type: ContentType): Part[] {
    const { found, more } = findArchives(part.data);
    if (more) this.reasons.add('limit_reached');
    const { path, name, parent } = part;
    return found.map(({ start, end, sure }) => {
      const data = part.data.subarray(start, end);
      // Sectors of a compound file lie in any order: what is whole comes out with its streams.
      const carved = sure && type.container !== 'compound' && !part.remains ? ('sure' as const) : ('guessed' as const);
      return { path, name, data, carved, ...(parent && { parent }) };
    });
  }
}

function without(gaps: ReadonlySet<UnscannableReason>, gap: UnscannableReason): Set<UnscannableReason> {
  return new Set([...gaps].filter((word) => word !== gap));
}

const pathOf = (part: Part, place: readonly string[]): string[] =>
  [...part.path, ...place.map((step) => cutMiddle(step, MAX_NAME))].slice(0, MAX_PATH);
