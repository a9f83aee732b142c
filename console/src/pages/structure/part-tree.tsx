import { getColor } from '@zendeskgarden/react-theming';
import { Tag } from '@zendeskgarden/react-tags';
import styled from 'styled-components';
import type { StructureNode } from '../../api/client';
import { bytesText } from '../../parts/figures';
import { Line, Subtle } from '../../parts/page';
import { Untrusted } from '../../parts/untrusted';
import { t } from '../../texts';

const List = styled.ul`
  list-style: none;
  margin: 0;
  padding: 0;
  max-height: 420px;
  overflow: auto;
`;
const Part = styled.button<{ $depth: number }>`
  display: block;
  width: 100%;
  padding: 6px 8px 6px ${({ $depth }) => 8 + Math.min($depth, 10) * 18}px;
  border: 0;
  border-radius: 4px;
  text-align: left;
  font: inherit;
  color: inherit;
  background: transparent;
  cursor: pointer;
  &[aria-pressed='true'] {
    background: ${({ theme }) => getColor({ theme, variable: 'background.subtle' })};
    box-shadow: inset 3px 0 ${({ theme }) => getColor({ theme, variable: 'border.primaryEmphasis' })};
  }
  &:focus-visible {
    outline: 2px solid ${({ theme }) => getColor({ theme, variable: 'border.primaryEmphasis' })};
    outline-offset: -2px;
  }
`;

/** A part and how deep it lies. */
interface Placed {
  node: StructureNode;
  depth: number;
}

/** Parts below what they came out of, in the order in which they were found. */
function inOrder(nodes: readonly StructureNode[]): Placed[] {
  const inside = new Map<number | null, StructureNode[]>();
  for (const node of nodes) inside.set(node.parent, [...(inside.get(node.parent) ?? []), node]);
  const placed: Placed[] = [];
  const walk = (parent: number | null, depth: number): void => {
    for (const node of inside.get(parent) ?? []) {
      placed.push({ node, depth });
      walk(node.id, depth + 1);
    }
  };
  walk(null, 0);
  return placed;
}

interface Props {
  nodes: readonly StructureNode[];
  chosen: number;
  onChoose: (id: number) => void;
}

/** The containers and what is in them, with what was found in each. */
export function PartTree({ nodes, chosen, onChoose }: Props) {
  return (
    <List aria-label={t.analysts.structure.parts} tabIndex={0}>
      {inOrder(nodes).map(({ node, depth }) => (
        <li key={node.id}>
          <Part type="button" $depth={depth} aria-pressed={node.id === chosen} onClick={() => onChoose(node.id)}>
            <Line as="span">
              <Untrusted text={node.displayName} />
              <Subtle>{aboutNode(node)}</Subtle>
              {node.findings.map((finding, at) => (
                <Tag key={at} hue="red">
                  <span>{finding.rule}</span>
                </Tag>
              ))}
            </Line>
          </Part>
        </li>
      ))}
    </List>
  );
}

function aboutNode(node: StructureNode): string {
  const { structure } = t.analysts;
  const kind = node.kind === 'same' ? structure.same : node.at === undefined ? '' : structure.cut(node.at);
  return [node.type === '' ? structure.noType : node.type, bytesText(node.size), kind].filter(Boolean).join(' · ');
}
