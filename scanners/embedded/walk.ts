import { createHash } from 'node:crypto';
import type { UnscannableReason } from '../../domain/words';
import { cutMiddle } from '../../domain/text';
import { findArchives } from './carve';
import type { ContentType, TypeDetector } from './content-type';
import type { Opened, PartLink } from './opener';
import { OPENERS } from './openers';
import { MAX_LINKS, type ChildFinding, type ChildLink, type InspectionLimits } from './protocol';
import type { Unpacker } from './unpack';
import type { RuleSet } from './yara';

export interface WalkTools {
  rules: RuleSet;
  types: TypeDetector;
  unpacker: Unpacker;
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

interface Part {
  path: string[];
  name: string;
  data: Uint8Array;
  /** An archive cut out of other content. `guessed`: that it does not open is no gap. */
  carved?: 'sure' | 'guessed';
}

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
  private readonly links = new Map<string, ChildLink>();
  private readonly deadline: number;
  private members = 0;
  private bytesOut = 0;

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
    const type = await this.tools.types.detect(data);
    const stack: Part[] = await this.look(outer, type);
    for (let part = stack.pop(); part; part = stack.pop()) {
      if (performance.now() > this.deadline) {
        this.reasons.add('timeout');
        break;
      }
      stack.push(...(await this.look(part, await this.tools.types.detect(part.data))));
    }
    const reason = GRAVEST_FIRST.find((word) => this.reasons.has(word));
    const links = [...this.links.values()];
    return { ...(reason && { reason }), ...(type.mime && { detectedType: type.mime }), links };
  }

  /** Rules over one part; gives the parts inside it. */
  private async look(part: Part, type: ContentType): Promise<Part[]> {
    const digest = createHash('sha256').update(part.data).digest('hex');
    const base = part.name.split(/[/\\]/).at(-1) ?? '';
    const scanKey = `${digest} ${base}`;
    if (!this.scanned.has(scanKey)) {
      this.scanned.add(scanKey);
      this.applyRules(part, base, type);
    }
    // The same bytes hold the same parts: ends quines, saves time.
    if (this.opened.has(digest)) return [];
    this.opened.add(digest);
    if (part.carved) return this.adopt(part, await this.open(part, { mime: type.mime, container: 'archive' }));
    const carved = type.container === 'archive' ? [] : this.carve(part, type);
    if (type.container === 'none') return carved;
    if (part.path.length > this.limits.maxDepth) {
      this.reasons.add('limit_reached');
      return carved;
    }
    return [...carved, ...this.adopt(part, await this.open(part, type))];
  }

  private applyRules(part: Part, base: string, type: ContentType): void {
    const dot = base.lastIndexOf('.');
    const hits = this.tools.rules.scan(part.data, {
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
    });
    for (const hit of hits) this.tell({ ...hit, path: part.path.slice(0, MAX_PATH) });
  }

  /** Each finding once: an archive cut out of a part is scanned as a part of the same name. */
  private tell(finding: ChildFinding): void {
    const key = JSON.stringify([finding.rule, finding.path]);
    if (!this.reported.has(key)) this.report(finding);
    this.reported.add(key);
  }

  private keepLink(part: Part, { url, shown, place }: PartLink): void {
    if (this.links.has(url)) return;
    if (this.links.size >= MAX_LINKS) return void this.reasons.add('too_many_links');
    const path = pathOf(part, place);
    this.links.set(url, {
      url: url.slice(0, 4_000),
      ...(shown !== undefined && { shown: cutMiddle(shown, 2_000) }),
      path,
    });
  }

  private async open(part: Part, type: ContentType): Promise<Opened> {
    const budget = {
      totalBytes: this.limits.maxTotalBytes - this.bytesOut,
      memberBytes: this.limits.maxMemberBytes,
      members: this.limits.maxMembers - this.members,
    };
    if (budget.totalBytes <= 0 || budget.members <= 0) {
      this.reasons.add('limit_reached');
      return { members: [], gaps: new Set() };
    }
    if (type.container === 'none') return { members: [], gaps: new Set() };
    const { passwords } = this.target;
    try {
      return await OPENERS[type.container](part.data, {
        name: part.name,
        type,
        passwords,
        budget,
        unpacker: this.tools.unpacker,
      });
    } catch (error) {
      // Out of memory is told by the process itself.
      if (error instanceof RangeError) throw error;
      return { members: [], gaps: new Set(['malformed']) };
    }
  }

  private adopt(part: Part, unpacked: Opened): Part[] {
    for (const { place, ...finding } of unpacked.findings ?? []) this.tell({ ...finding, path: pathOf(part, place) });
    for (const link of unpacked.links ?? []) this.keepLink(part, link);
    for (const gap of unpacked.gaps) {
      // A guess that opens is an archive; damage at its end may be the bytes behind it.
      if (part.carved !== 'guessed' || (unpacked.members.length > 0 && gap !== 'malformed')) this.reasons.add(gap);
    }
    return unpacked.members.flatMap(({ name, data }) => {
      this.members += 1;
      this.bytesOut += data.length;
      // Office writes a protected document as this stream of an OLE file ([MS-OFFCRYPTO] 2.3.4.4).
      if (name === 'EncryptedPackage') this.reasons.add('encrypted');
      const shown = memberName(part.name, name);
      return [{ path: [...part.path, cutMiddle(shown, MAX_NAME)], name: shown, data }];
    });
  }

  /** Archives in and behind other content: a picture, a document, a self-extractor, a mail. */
  private carve(part: Part, type: ContentType): Part[] {
    const { found, more } = findArchives(part.data);
    if (more) this.reasons.add('limit_reached');
    const { path, name } = part;
    return found.map(({ start, end, sure }) => {
      const data = part.data.subarray(start, end);
      // Sectors of a compound file lie in any order: what is whole comes out with its streams.
      const carved = sure && type.container !== 'compound' ? ('sure' as const) : ('guessed' as const);
      return { path, name, data, carved };
    });
  }
}

const pathOf = (part: Part, place: readonly string[]): string[] =>
  [...part.path, ...place.map((step) => cutMiddle(step, MAX_NAME))].slice(0, MAX_PATH);

/** gz, bz2 and the like store no name: 7-Zip then names the content after our input file. */
function memberName(container: string, name: string): string {
  if (name !== 'part' && name !== 'part~') return name;
  const base = container.split(/[/\\]/).at(-1) ?? '';
  return base.replace(/\.[^.]*$/, '') || name;
}
