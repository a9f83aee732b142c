import type { ContentType } from '../content-type';
import type { Part } from '../walk';
import { MAX_NODES, type StructureNode, type StructureTree } from './protocol';

const MAX_STEP = 500;

/** Bytes of a part and what is known of it. */
export interface KnownPart {
  node: StructureNode;
  data: Uint8Array;
}

/** Writes down the parts of a file as the walk comes by, and keeps their bytes for later looks. */
export class Collector {
  private readonly nodes: StructureNode[] = [];
  private readonly parts = new Map<string, KnownPart>();
  private readonly ids = new Map<Part, number>();
  /** The node of a path that is no cut: what is cut out bears the path of what it was cut from. */
  private readonly hosts = new Map<string, KnownPart>();
  private more = false;

  note(part: Part, type: ContentType, sha256: string): void {
    if (this.nodes.length >= MAX_NODES) {
      this.more = true;
      return;
    }
    const path = part.path.map((step) => step.slice(0, MAX_STEP));
    const key = JSON.stringify(path);
    const host = part.carved ? this.hosts.get(key) : undefined;
    const parent = host?.node.id ?? (part.parent && this.ids.get(part.parent)) ?? null;
    const first = this.parts.get(sha256);
    const node: StructureNode = {
      id: this.nodes.length,
      parent,
      kind: kindOf(parent, first !== undefined, part.carved !== undefined),
      path,
      size: part.data.length,
      type: type.mime,
      sha256,
      ...(first && { sameAs: first.node.id }),
      ...(host && atOf(host.data, part.data)),
    };
    this.nodes.push(node);
    this.ids.set(part, node.id);
    const known = { node, data: part.data };
    if (!first) this.parts.set(sha256, known);
    if (!part.carved) this.hosts.set(key, known);
  }

  tree(reason: StructureTree['reason']): StructureTree {
    return { nodes: this.nodes, more: this.more, ...(reason && { reason }) };
  }

  part(sha256: string): KnownPart | undefined {
    return this.parts.get(sha256);
  }

  /** A part inside this one by the end of its name, e.g. `docProps/core.xml`. */
  memberOf(node: StructureNode, ending: string): Uint8Array | undefined {
    const member = this.nodes.find(({ parent, path }) => parent === node.id && path.at(-1)?.endsWith(ending) === true);
    return member && this.parts.get(member.sha256)?.data;
  }
}

function kindOf(parent: number | null, seen: boolean, cut: boolean): StructureNode['kind'] {
  if (parent === null) return 'file';
  if (seen) return 'same';
  return cut ? 'cut' : 'member';
}

/** Where a view stands in the bytes that it is a view of. */
function atOf(host: Uint8Array, cut: Uint8Array): { at?: number } {
  const at = cut.byteOffset - host.byteOffset;
  return host.buffer === cut.buffer && at >= 0 && at < host.length ? { at } : {};
}
