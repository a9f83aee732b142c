import { actionFor } from './policy';
import type { Policy } from './policy';
import type { ItemKind, PolicyAction, UnscannableReason, Verdict } from './words';

/** An item at the moment at which something may have to be done about it. */
export interface JudgedItem {
  kind: ItemKind;
  /** The analyst's where one had decided about these bytes, else the machine's. */
  verdict: Verdict;
  /** Of a verdict `unscannable`. */
  reason?: UnscannableReason | undefined;
  /** An analyst had decided about these bytes. */
  decided: boolean;
  /** Its bytes were read: only what could be sealed can be taken out. */
  wasRead: boolean;
  /** The help desk blocks it by itself. */
  blockedAtSource: boolean;
  /** A link of the ticket's own subject or description, out of which nothing can be taken. */
  inTicketText: boolean;
}

/**
 * What is to be done about an item: the one place that decides, for the work itself and for the question what another
 * policy would do. An analyst's decision goes before every policy, monitor-only mode included.
 */
export function orderFor(policy: Policy, item: JudgedItem): PolicyAction {
  if (item.kind === 'url') return orderForLink(policy, item);
  if (item.decided) return item.verdict === 'malicious' ? 'contain' : 'monitor';
  if (item.blockedAtSource) return policy.monitorOnly ? 'monitor' : policy.blockedAtSource;
  // Nothing is left that could be taken out or opened.
  if (item.reason === 'gone') return 'monitor';
  const action = actionFor(policy, item.verdict, item.reason);
  return action === 'contain' && !item.wasRead ? 'note' : action;
}

function orderForLink(policy: Policy, { verdict, inTicketText }: JudgedItem): PolicyAction {
  if (policy.monitorOnly || verdict !== 'malicious') return 'monitor';
  if (policy.maliciousLink !== 'redact') return policy.maliciousLink;
  return inTicketText ? 'note' : 'contain';
}

/** Items that a policy cannot tell apart, and how many there are. */
export interface JudgedGroup extends JudgedItem {
  count: number;
  /** Of these, how many an analyst called clean after the machine had judged them. */
  laterClean: number;
}

/** How many items a policy takes out, tells of, and leaves alone. */
export type OrderCounts = Record<PolicyAction, number>;

/** What a change of the policy would have done to the same items. */
export interface WhatIf {
  now: OrderCounts;
  then: OrderCounts;
  /** Of those that the change takes out, how many an analyst later called clean. */
  thenLaterClean: number;
  /** Groups whose order the change alters, the largest first. */
  changed: { group: JudgedGroup; now: PolicyAction; then: PolicyAction }[];
}

/** Counts what each of two policies orders for groups of items. */
export function compareOrders(groups: readonly JudgedGroup[], nowPolicy: Policy, thenPolicy: Policy): WhatIf {
  const result: WhatIf = { now: noOrders(), then: noOrders(), thenLaterClean: 0, changed: [] };
  for (const group of groups) {
    const [now, then] = [orderFor(nowPolicy, group), orderFor(thenPolicy, group)];
    result.now[now] += group.count;
    result.then[then] += group.count;
    if (then === 'contain') result.thenLaterClean += group.laterClean;
    if (now !== then) result.changed.push({ group, now, then });
  }
  result.changed.sort((a, b) => b.group.count - a.group.count);
  return result;
}

function noOrders(): OrderCounts {
  return { monitor: 0, note: 0, contain: 0 };
}
