import fc from 'fast-check';
import { actionFor, DEFAULT_POLICY, policySchema } from '../../domain/policy';
import type { Policy } from '../../domain/policy';
import { POLICY_ACTIONS, UNSCANNABLE_REASONS, VERDICTS } from '../../domain/words';

describe('the default policy', () => {
  it.each([
    ['malicious', 'contain'],
    ['suspicious', 'monitor'],
    ['unscannable', 'monitor'],
    ['clean', 'monitor'],
    ['pending', 'monitor'],
  ] as const)('orders for %s: %s', (verdict, action) => {
    expect(actionFor(DEFAULT_POLICY, verdict, verdict === 'unscannable' ? 'encrypted' : undefined)).toBe(action);
  });

  it('tells nobody by mail and keeps no clean file', () => {
    expect(DEFAULT_POLICY).toMatchObject({ notificationAddresses: [], keepCleanDays: 0, monitorOnly: false });
  });
});

describe('a policy', () => {
  it('orders for each reason of unscannable what it says of that reason, and monitors the others', () => {
    const policy = policySchema.parse({ unscannable: { encrypted: 'contain', too_large: 'note' } });
    const orders = UNSCANNABLE_REASONS.map((reason) => [reason, actionFor(policy, 'unscannable', reason)]);
    expect(orders.filter(([, action]) => action !== 'monitor')).toEqual([
      ['too_large', 'note'],
      ['encrypted', 'contain'],
    ]);
    expect(actionFor(policy, 'unscannable')).toBe('monitor');
  });

  it.each([
    [{ surprise: true }, 'surprise'],
    [{ malicious: 'delete' }, 'malicious'],
    [{ unscannable: { boring: 'note' } }, 'unscannable'],
    [{ blockedAtSource: 'contain' }, 'blockedAtSource'],
    [{ notificationAddresses: ['nobody'] }, 'notificationAddresses'],
    [{ notificationAddresses: Array.from({ length: 51 }, (_, index) => `a${index}@example.org`) }, 'notification'],
    [{ retentionDays: 0 }, 'retentionDays'],
    [{ retentionDays: 1.5 }, 'retentionDays'],
    [{ keepCleanDays: 31 }, 'keepCleanDays'],
  ])('with %j is refused by the name of its field', (document, field) => {
    const read = policySchema.safeParse(document);
    expect(JSON.stringify(read.error?.issues)).toContain(field);
  });

  const anyAction = fc.constantFrom(...POLICY_ACTIONS);
  const anyPolicy: fc.Arbitrary<Policy> = fc
    .record({
      monitorOnly: fc.boolean(),
      malicious: anyAction,
      suspicious: anyAction,
      unscannable: fc.dictionary(fc.constantFrom(...UNSCANNABLE_REASONS), anyAction),
    })
    .map((document) => policySchema.parse(document));

  it('never orders anything for clean or pending, nor in monitor-only mode', () => {
    fc.assert(
      fc.property(
        anyPolicy,
        fc.constantFrom(...VERDICTS),
        fc.constantFrom(...UNSCANNABLE_REASONS),
        (policy, verdict, reason) => {
          const quiet = policy.monitorOnly || verdict === 'clean' || verdict === 'pending';
          return !quiet || actionFor(policy, verdict, reason) === 'monitor';
        },
      ),
    );
  });

  it('is the same after it was saved and read', () => {
    fc.assert(
      fc.property(anyPolicy, (policy) => {
        expect(policySchema.parse(JSON.parse(JSON.stringify(policy)))).toEqual(policy);
      }),
    );
  });
});
