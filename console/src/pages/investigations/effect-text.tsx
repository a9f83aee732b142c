import { DECISION_EFFECTS } from '../../../../domain/decision-effect';
import type { DecisionEffects } from '../../api/client';
import { t } from '../../texts';

type Effect = DecisionEffects['verdicts']['clean'];

/** What a decision does, in a sentence per kind of thing that happens. */
export function effectSentences(effect: Effect): string[] {
  return DECISION_EFFECTS.flatMap((kind) => {
    const { tickets } = effect[kind];
    return tickets === 0 ? [] : [t.analysts.effect[kind](tickets)];
  });
}

/** The same as lines. */
export function EffectText({ effect }: { effect: Effect }) {
  return (
    <ul style={{ margin: 0, paddingLeft: 18, listStyle: 'disc' }}>
      {effectSentences(effect).map((sentence) => (
        <li key={sentence}>{sentence}</li>
      ))}
    </ul>
  );
}
