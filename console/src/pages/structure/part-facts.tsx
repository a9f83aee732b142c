import { useQuery } from '@tanstack/react-query';
import type { StructureNode } from '../../api/client';
import { CopyButton } from '../../parts/copy-button';
import { Facts, Line, Loading, Stack, Subtle } from '../../parts/page';
import { ProblemNotice } from '../../parts/problem';
import { Untrusted } from '../../parts/untrusted';
import { t } from '../../texts';
import { factsQuery } from './queries';

const COPIED = ['sha256', 'sha1', 'md5'];
const groups: Readonly<Record<string, string>> = t.analysts.structure.groups;

/** What was found in a part, and what it says about itself. */
export function PartFacts({ scanId, node }: { scanId: string; node: StructureNode }) {
  const facts = useQuery(factsQuery(scanId, node.sha256));
  return (
    <Stack>
      {node.findings.map((finding, at) => (
        <Stack key={at} $gap={2}>
          <strong>
            <Untrusted text={finding.what} max={500} />
          </strong>
          {finding.inside.length > 0 && <Untrusted text={finding.inside.join(' › ')} max={300} />}
          <Subtle>
            {t.words.severity[finding.severity]} · {finding.engine} · <code>{finding.rule}</code>
          </Subtle>
          {finding.analyst !== null && <Subtle>{finding.analyst}</Subtle>}
        </Stack>
      ))}
      {facts.isError && <ProblemNotice error={facts.error} retry={() => void facts.refetch()} />}
      {facts.isPending && <Loading />}
      {facts.isSuccess &&
        [...new Set(facts.data.facts.map(({ group }) => group))].map((group) => (
          <section key={group} aria-label={groups[group] ?? group}>
            <strong>{groups[group] ?? group}</strong>
            <Facts>
              {facts.data.facts
                .filter((fact) => fact.group === group)
                .map(({ name, value }, at) => (
                  <FactLine key={at} name={name} value={value} />
                ))}
            </Facts>
          </section>
        ))}
    </Stack>
  );
}

function FactLine({ name, value }: { name: string; value: string }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>
        <Line>
          <Untrusted text={value} max={500} />
          {COPIED.includes(name) && <CopyButton value={value} name={name} />}
        </Line>
      </dd>
    </>
  );
}
