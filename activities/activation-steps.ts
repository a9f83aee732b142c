import { ApplicationFailure } from '@temporalio/activity';
import type { ConnectionRef } from '../db/connection-secrets';
import { lockConnection, updateConnection } from '../db/connections';
import type { ConnectionPatch, ConnectionRow } from '../db/connections';
import type { Database } from '../db/pool';
import type { ActivationStep, PartName, Part, StepRecord } from '../domain/connection';
import type { SecretSealer } from '../db/connection-secrets';
import type { ZendeskTransport } from '../zendesk/http';
import { activationFailure, ActivationProblem, problemOf } from './activation-problem';
import type { Logger } from './deps';
import type { ZendeskAccess } from './zendesk-access';

export interface ActivationDeps {
  database: Database;
  secretBox: SecretSealer;
  access: ZendeskAccess;
  transport: ZendeskTransport;
  log: Logger;
  settings: {
    /** Origin under which Zendesk reaches our webhook route, without a trailing slash. */
    publicUrl: string;
    /** How long a test event may take to arrive, in milliseconds. */
    proofWaitMs: number;
  };
  /** Called between steps that change the outside world. Tests kill the worker here; the product does nothing. */
  checkpoint?(step: string): Promise<void>;
}

/** Changes the connection's row under its lock; `change` sees the row as it is now. */
export async function changeConnection(
  deps: ActivationDeps,
  ref: ConnectionRef,
  change: (row: ConnectionRow) => ConnectionPatch,
): Promise<void> {
  await deps.database.withOrganisation(ref.organisationId, async (db) => {
    const row = await lockConnection(db, ref.connectionId);
    if (row) await updateConnection(db, row.id, change(row));
  });
  deps.access.forget(ref.connectionId);
}

/** Records a part that was found or made. */
export function savePart(deps: ActivationDeps, ref: ConnectionRef, name: PartName, part: Part): Promise<void> {
  return changeConnection(deps, ref, (row) => ({ parts: { ...row.parts, [name]: part } }));
}

/** Returns the steps with this one replaced or added. */
export function withStep(steps: readonly StepRecord[], record: StepRecord): StepRecord[] {
  return [...steps.filter((one) => one.step !== record.step), record];
}

/**
 * Runs one step and lets it tick on the row: running, then ok with its milliseconds, or failed with what and what to do.
 * @param work returns a sentence worth showing, if there is one
 * @throws ApplicationFailure `ActivationRefused` for a prerequisite that is not met; a retried one for what passes
 */
export async function runStep(
  deps: ActivationDeps,
  ref: ConnectionRef,
  step: ActivationStep,
  doing: string,
  work: () => Promise<string | undefined>,
): Promise<void> {
  const started = Date.now();
  await changeConnection(deps, ref, (row) => {
    if (row.state !== 'activating') throw notActivating(row.state);
    return { activationSteps: withStep(row.activationSteps, { step, state: 'running', at: new Date().toISOString() }) };
  });
  const tick = (record: Partial<StepRecord> & Pick<StepRecord, 'state'>): Promise<void> =>
    changeConnection(deps, ref, (row) => {
      const at = row.activationSteps.find((one) => one.step === step)?.at ?? new Date(started).toISOString();
      return { activationSteps: withStep(row.activationSteps, { step, at, ms: Date.now() - started, ...record }) };
    });
  try {
    const detail = await work();
    await tick({ state: 'ok', ...(detail !== undefined && { detail }) });
  } catch (error) {
    const found = problemOf(error, doing);
    if (found) await tick({ state: 'failed', problem: found.problem, remedy: found.remedy });
    deps.log.warn({ connectionId: ref.connectionId, step, refused: found !== undefined }, 'activation step failed');
    throw activationFailure(error, doing);
  }
}

function notActivating(state: string): ApplicationFailure {
  const message = `the connection is ${state}, not activating`;
  const details = [{ problem: `This activation has ended: ${message}.`, remedy: 'Start the activation again.' }];
  return ApplicationFailure.create({ type: 'ActivationRefused', message, nonRetryable: true, details });
}

/** A refusal with its remedy. */
export function refuse(problem: string, remedy: string): never {
  throw new ActivationProblem(problem, remedy);
}
