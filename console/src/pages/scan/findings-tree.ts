import type { Finding } from '../../api/client';

/** A part of the file with what was found in it, and the parts inside it in which something was found. */
export interface FoundPart {
  name: string;
  findings: Finding[];
  parts: FoundPart[];
}

/**
 * Findings as a tree that follows the containers: each name of a path is one level.
 * @returns the root, whose own findings are those of the whole file
 */
export function treeOf(findings: readonly Finding[]): FoundPart {
  const root: FoundPart = { name: '', findings: [], parts: [] };
  for (const finding of findings) {
    let part = root;
    for (const name of finding.path) {
      let inner = part.parts.find((one) => one.name === name);
      if (!inner) part.parts.push((inner = { name, findings: [], parts: [] }));
      part = inner;
    }
    part.findings.push(finding);
  }
  return root;
}
