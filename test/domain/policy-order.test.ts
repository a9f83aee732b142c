import fc from 'fast-check';
import { isContainmentWanted } from '../../activities/progress';
import type { ItemContext } from '../../activities/progress';
import { DEFAULT_POLICY, mailedAbout, policySchema, withoutForeignMail } from '../../domain/policy';
import type { Policy } from '../../domain/policy';
import { compareOrders, orderFor } from '../../domain/policy-order';
import type { JudgedGroup, JudgedItem } from '../../domain/policy-order';
import { POLICY_ACTIONS, UNSCANNABLE_REASONS, VERDICTS } from '../../domain/words';

const action = fc.constantFrom(...POLICY_ACTIONS);
const policies: fc.Arbitrary<Policy> = fc
  .record({
    monitorOnly: fc.boolean(),
    malicious: action,
    suspicious: action,
    unscannable: fc.dictionary(fc.constantFrom(...UNSCANNABLE_REASONS), action),
    blockedAtSource: fc.constantFrom('monitor', 'note'),
    maliciousLink: fc.constantFrom('monitor', 'note', 'redact'),
  })
  .map((document) => policySchema.parse(document));
const items: fc.Arbitrary<JudgedItem> = fc
  .record({
    kind: fc.constantFrom('attachment' as const, 'url' as const),
    verdict: fc.constantFrom(...VERDICTS),
    reason: fc.constantFrom(...UNSCANNABLE_REASONS),
    decided: fc.boolean(),
    wasRead: fc.boolean(),
    blockedAtSource: fc.boolean(),
    inTicketText: fc.boolean(),
  })
  .map((item) => ({ ...item, reason: item.verdict === 'unscannable' ? item.reason : undefined }));

/** The row of a read file as the work itself sees it. */
function contextOf(policy: Policy, item: JudgedItem): ItemContext {
  const row = {
    verdict: item.verdict,
    verdict_reason: item.reason ?? null,
    sha256: item.wasRead ? 'a' : null,
    state: item.blockedAtSource ? 'blocked_at_source' : 'waiting',
  };
  return {
    item: row,
    decision: item.decided ? { verdict: item.verdict } : undefined,
    policy,
  } as unknown as ItemContext;
}

describe('what-if', () => {
  it('counts for every policy what the work itself would take out', () => {
    fc.assert(
      fc.property(policies, policies, fc.array(fc.tuple(items, fc.nat(50))), (now, then, drawn) => {
        const files = drawn.filter(([item]) => item.kind === 'attachment');
        const groups = files.map(([item, count]): JudgedGroup => ({
          ...item,
          count,
          laterClean: Math.floor(count / 2),
        }));
        const result = compareOrders(groups, now, then);
        for (const [policy, counts] of [[now, result.now] as const, [then, result.then] as const]) {
          const out = files.filter(([item]) => isContainmentWanted(contextOf(policy, item)));
          expect(counts.contain).toBe(out.reduce((sum, [, count]) => sum + count, 0));
        }
      }),
    );
  });

  it('loses no item, and names exactly the groups whose order changes', () => {
    fc.assert(
      fc.property(policies, policies, fc.array(fc.tuple(items, fc.nat(50))), (now, then, drawn) => {
        const groups = drawn.map(([item, count]): JudgedGroup => ({ ...item, count, laterClean: 0 }));
        const total = groups.reduce((sum, { count }) => sum + count, 0);
        const result = compareOrders(groups, now, then);
        for (const { monitor, note, contain } of [result.now, result.then])
          expect(monitor + note + contain).toBe(total);
        const differing = groups.filter((group) => orderFor(now, group) !== orderFor(then, group));
        expect(new Set(result.changed.map(({ group }) => group))).toEqual(new Set(differing));
      }),
    );
  });

  it('changes nothing for the policy that is there', () => {
    fc.assert(
      fc.property(policies, items, (policy, item) => {
        const { changed, now, then } = compareOrders([{ ...item, count: 3, laterClean: 1 }], policy, policy);
        expect(changed).toEqual([]);
        expect(then).toEqual(now);
      }),
    );
  });
});

describe('an order', () => {
  const file: JudgedItem = {
    kind: 'attachment',
    verdict: 'malicious',
    decided: false,
    wasRead: true,
    blockedAtSource: false,
    inTicketText: false,
  };
  const link: JudgedItem = { ...file, kind: 'url' };
  const redacting = policySchema.parse({
    maliciousLink: 'redact',
    unscannable: { encrypted: 'contain', gone: 'contain' },
  });
  it.each([
    ['takes a malicious file out', DEFAULT_POLICY, file, 'contain'],
    [
      'obeys an analyst in monitor-only mode',
      policySchema.parse({ monitorOnly: true }),
      { ...file, decided: true },
      'contain',
    ],
    ['leaves what an analyst called clean', DEFAULT_POLICY, { ...file, verdict: 'clean', decided: true }, 'monitor'],
    [
      'only tells of what the help desk blocks',
      DEFAULT_POLICY,
      { ...file, blockedAtSource: true, wasRead: false },
      'note',
    ],
    [
      'only tells of what could not be sealed',
      redacting,
      { ...file, verdict: 'unscannable', reason: 'encrypted', wasRead: false },
      'note',
    ],
    [
      'says nothing of what is gone',
      redacting,
      { ...file, verdict: 'unscannable', reason: 'gone', wasRead: false },
      'monitor',
    ],
    ['tells of a malicious link', DEFAULT_POLICY, link, 'note'],
    ['takes a malicious link out of a comment', redacting, link, 'contain'],
    ['tells of one in the text of the ticket', redacting, { ...link, inTicketText: true }, 'note'],
    ['leaves a suspicious link', redacting, { ...link, verdict: 'suspicious' }, 'monitor'],
  ] as const)('%s', (_title, policy, item, expected) => {
    expect(orderFor(policy, item)).toBe(expected);
  });
});

describe('who is mailed', () => {
  const policy = policySchema.parse({
    notificationAddresses: ['a@x.example', 'A@x.example', 'b@x.example'],
    mailTo: { malicious: ['B@x.example'], encrypted: [], suspicious: ['gone@x.example'] },
  });

  it('is everybody where a subject names nobody, else those that it names', () => {
    expect(mailedAbout(policy, undefined)).toEqual(['A@x.example', 'b@x.example']);
    expect(mailedAbout(policy, 'too_large')).toEqual(['A@x.example', 'b@x.example']);
    expect(mailedAbout(policy, 'malicious')).toEqual(['b@x.example']);
    expect(mailedAbout(policy, 'encrypted')).toEqual([]);
  });

  it('is nobody whose address was taken away, and everybody where none would be left', () => {
    expect(mailedAbout(policy, 'suspicious')).toEqual([]);
    const cleared = withoutForeignMail(policy);
    expect(cleared.mailTo).toEqual({ malicious: ['B@x.example'], encrypted: [] });
    expect(mailedAbout(cleared, 'suspicious')).toHaveLength(mailedAbout(cleared, undefined).length);
  });
});
