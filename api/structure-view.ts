import type { StoredFinding } from '../db/scan-story';
import { displayFileName } from '../domain/text';
import type { StructureNode, StructureTree } from '../scanners/embedded/structure/viewer';

/** A finding at the part that it is about; `inside` leads on from there. */
export interface PlacedFinding {
  engine: string;
  rule: string;
  severity: string;
  what: string;
  analyst: string | null;
  inside: string[];
}

/**
 * The tree with every finding at the deepest part whose path it begins with: what names no part stands at the file
 * itself, so that none is lost. Names are made harmless.
 */
export function treeView(tree: StructureTree, findings: readonly StoredFinding[]): Record<string, unknown> {
  const placed = new Map<number, PlacedFinding[]>();
  for (const finding of findings) {
    const node = nodeOf(tree.nodes, finding.path);
    const { engine, rule, severity, what, analyst } = finding;
    const inside = finding.path.slice(node?.path.length ?? 0).map(displayFileName);
    const id = node?.id ?? 0;
    placed.set(id, [...(placed.get(id) ?? []), { engine, rule, severity, what, analyst, inside }]);
  }
  return {
    nodes: tree.nodes.map(({ path, ...node }) => ({
      ...node,
      displayName: displayFileName(path.at(-1) ?? ''),
      findings: placed.get(node.id) ?? [],
    })),
    more: tree.more,
    reason: tree.reason ?? null,
  };
}

function nodeOf(nodes: readonly StructureNode[], path: readonly string[]): StructureNode | undefined {
  const begins = nodes.filter(
    (node) => node.path.length <= path.length && node.path.every((step, at) => step === path[at]),
  );
  return begins.reduce<StructureNode | undefined>(
    (best, node) => (best && best.path.length >= node.path.length ? best : node),
    undefined,
  );
}
