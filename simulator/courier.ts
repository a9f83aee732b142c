import { ulid } from 'ulid';
import type { Invocation, Webhook } from './model';
import { envelopesOf } from './ticket-events';
import { notificationsOf, triggerFires } from './trigger-rules';
import type { Outcome } from './webhook-request';
import { sendWebhook } from './webhook-request';
import type { Action, World } from './world';

const BREAKER_WINDOW_MS = 300_000;

/** Makes webhook calls out of actions, and keeps at each until it succeeded or the retry rules (fact sheet §4.5) end. */
export class Courier {
  private readonly world: World;
  private readonly target: string | undefined;
  private readonly timers = new Set<NodeJS.Timeout>();
  private readonly running = new Set<Promise<void>>();
  private readonly results = new Map<string, { at: number; failed: boolean }[]>();
  private readonly openUntil = new Map<string, number>();
  private readonly held = new Set<string>();
  private stopped = false;

  constructor(world: World, target: string | undefined) {
    this.world = world;
    this.target = target;
    world.publish = (action) => this.publish(action);
  }

  /** Takes up the calls that an earlier process accepted and did not finish. */
  resume(): void {
    for (const invocation of this.world.invocations.all()) {
      if (invocation.nextAttemptAt !== null) this.schedule(invocation.id, invocation.nextAttemptAt);
    }
  }

  /** Stops; unfinished calls stay recorded. Resolves when no call is under way. */
  async stop(): Promise<void> {
    this.stopped = true;
    for (const timer of this.timers) clearTimeout(timer);
    await Promise.allSettled(this.running);
  }

  /** Sends what `webhooks.hold` kept back. */
  release(accountId: number): void {
    for (const id of [...this.held]) {
      if (this.world.invocations.get(id)?.accountId !== accountId) continue;
      this.held.delete(id);
      this.schedule(id, this.world.clock());
    }
  }

  private publish(action: Action): void {
    const { account } = action;
    const hooks = this.world.webhooks.inGroup(account.id).filter((hook) => hook.status === 'active');
    const calls: { webhook: Webhook; payload: string }[] = [];
    for (const { type, body } of envelopesOf(this.world, action)) {
      for (const webhook of hooks) if (webhook.subscriptions.includes(type)) calls.push({ webhook, payload: body });
    }
    if (action.runTriggers) calls.push(...this.triggered(action, hooks));
    if (account.switches.webhooks.reorder) calls.reverse();
    for (const { webhook, payload } of calls) this.accept(webhook, payload);
  }

  private triggered(action: Action, hooks: Webhook[]): { webhook: Webhook; payload: string }[] {
    const triggers = this.world.triggers.inGroup(action.account.id).sort((a, b) => a.position - b.position);
    return triggers
      .filter((trigger) => triggerFires(trigger, action, this.world))
      .flatMap((trigger) => notificationsOf(trigger, action, this.world))
      .flatMap(({ webhookId, payload }) => {
        const webhook = hooks.find((hook) => hook.id === webhookId);
        return webhook === undefined ? [] : [{ webhook, payload }];
      });
  }

  private accept(webhook: Webhook, payload: string): void {
    const settings = this.world.accounts.get(webhook.accountId)?.switches.webhooks;
    if (settings === undefined || (settings.dropFraction > 0 && Math.random() < settings.dropFraction)) return;
    for (let copy = 0; copy < (settings.duplicate ? 2 : 1); copy += 1) {
      const now = this.world.clock();
      const id = ulid(now);
      const invocation: Invocation = {
        id,
        webhookId: webhook.id,
        accountId: webhook.accountId,
        payload,
        status: 'accepted',
        statusCode: 0,
        attempts: [],
        nextAttemptAt: now + settings.delayMs,
        completedAt: null,
        createdAt: now,
      };
      this.world.invocations.put(id, invocation);
      this.schedule(id, now + settings.delayMs);
    }
  }

  private schedule(id: string, at: number): void {
    if (this.stopped) return;
    const timer = setTimeout(
      () => {
        this.timers.delete(timer);
        const attempt: Promise<void> = this.attempt(id).finally(() => this.running.delete(attempt));
        this.running.add(attempt);
      },
      Math.max(0, at - this.world.clock()),
    );
    this.timers.add(timer);
  }

  private async attempt(id: string): Promise<void> {
    const { world } = this;
    const invocation = world.invocations.get(id);
    const webhook = invocation && world.webhooks.get(invocation.webhookId);
    const account = invocation && world.accounts.get(invocation.accountId);
    if (invocation === undefined || account === undefined) return;
    if (webhook === undefined) return this.finish(invocation, 'terminated', 0);
    if (account.switches.webhooks.hold) {
      this.held.add(id);
      return;
    }
    if ((this.openUntil.get(webhook.id) ?? 0) > world.clock()) return this.finish(invocation, 'circuit broken', 0);
    const outcome = await sendWebhook({
      account,
      webhook,
      secret: webhook.secret,
      invocationId: id,
      payload: invocation.payload,
      nowMs: world.clock(),
      target: this.target,
      timeoutMs: account.switches.webhooks.timeoutMs,
    });
    this.settle(invocation, webhook, outcome);
  }

  private settle(invocation: Invocation, webhook: Webhook, outcome: Outcome): void {
    const succeeded = outcome.statusCode >= 200 && outcome.statusCode < 300;
    this.watchErrors(webhook, !succeeded);
    const attempts = [
      ...invocation.attempts,
      {
        id: ulid(this.world.clock()),
        status: succeeded ? 'success' : statusWord(outcome),
        statusCode: outcome.timedOut ? 504 : outcome.statusCode,
        completedAt: new Date(this.world.clock()).toISOString(),
        requestHeaders: outcome.requestHeaders,
        requestPayload: invocation.payload,
        responseHeaders: outcome.headers,
        responsePayload: outcome.payload,
      },
    ];
    const tried = { ...invocation, attempts };
    const waitMs = succeeded ? undefined : this.retryWait(webhook, outcome, attempts.length);
    if (waitMs === undefined) {
      this.finish(tried, succeeded ? 'success' : statusWord(outcome), outcome.timedOut ? 504 : outcome.statusCode);
      return;
    }
    const nextAttemptAt = this.world.clock() + waitMs;
    this.world.invocations.put(invocation.id, { ...tried, nextAttemptAt });
    this.schedule(invocation.id, nextAttemptAt);
  }

  /** Milliseconds until the next try, or undefined when there is none. */
  private retryWait(webhook: Webhook, outcome: Outcome, tries: number): number | undefined {
    const pause = this.world.accounts.get(webhook.accountId)?.switches.webhooks.retryDelayMs ?? 1000;
    if (outcome.timedOut) return tries <= 5 ? pause : undefined;
    if (outcome.statusCode === 409) return tries <= 3 ? pause : undefined;
    if (outcome.statusCode !== 429 && outcome.statusCode !== 503) return undefined;
    const seconds = Number(outcome.headers['retry-after'] ?? Number.NaN);
    return seconds < 60 && tries <= 5 ? seconds * 1000 : undefined;
  }

  private finish(invocation: Invocation, status: string, statusCode: number): void {
    const completedAt = new Date(this.world.clock()).toISOString();
    this.world.invocations.put(invocation.id, { ...invocation, status, statusCode, completedAt, nextAttemptAt: null });
  }

  /** Opens the breaker at 70 % errors or 1000 errors in five minutes. */
  private watchErrors(webhook: Webhook, failed: boolean): void {
    const settings = this.world.accounts.get(webhook.accountId)?.switches.webhooks;
    const now = this.world.clock();
    const recent = (this.results.get(webhook.id) ?? []).filter((result) => now - result.at < BREAKER_WINDOW_MS);
    recent.push({ at: now, failed });
    this.results.set(webhook.id, recent);
    if (settings?.breaker !== true || !failed || recent.length < settings.breakerMinimum) return;
    const errors = recent.filter((result) => result.failed).length;
    if (errors <= 1000 && errors / recent.length < 0.7) return;
    this.openUntil.set(webhook.id, now + settings.breakerPauseMs);
    this.results.delete(webhook.id);
  }
}

function statusWord(outcome: Outcome): string {
  if (outcome.timedOut) return 'timeout';
  if (outcome.statusCode === 0) return 'failed';
  return outcome.statusCode < 500 ? 'client error' : 'server error';
}
