import type { Client } from '@temporalio/client';
import { defineSearchAttributeKey, TypedSearchAttributes } from '@temporalio/common';
import type { SignalDefinition } from '@temporalio/common';

/** A workflow by its name and id. The input holds ids only. */
export interface WorkflowStart {
  workflow: string;
  workflowId: string;
  input: unknown;
  /** Ids that Temporal's own search may show. */
  search: { organisationId: string; connectionId?: string; ticketId?: string };
}

/** The two ways in which a row reaches Temporal. */
export interface WorkflowStarter {
  /** Starts it; nothing happens where it is open already. */
  start(start: WorkflowStart): Promise<void>;
  /** Delivers a message, and starts the workflow where none is open. */
  signalWithStart<Args extends unknown[]>(
    start: WorkflowStart,
    signal: SignalDefinition<Args>,
    ...args: Args
  ): Promise<void>;
}

/** Workflows that answer a question of somebody who waits. */
export interface WorkflowQuestions {
  /** Starts it, or joins the open one, and waits for its result. */
  result(start: WorkflowStart): Promise<unknown>;
}

const ORGANISATION = defineSearchAttributeKey('Organisation', 'KEYWORD');
const CONNECTION = defineSearchAttributeKey('ConnectionId', 'KEYWORD');
const TICKET = defineSearchAttributeKey('TicketId', 'KEYWORD');

/** Starts workflows on one task queue of a Temporal server. */
export function createWorkflowStarter(client: Client, taskQueue: string): WorkflowStarter & WorkflowQuestions {
  const optionsOf = (start: WorkflowStart) => ({
    taskQueue,
    workflowId: start.workflowId,
    args: [start.input],
    typedSearchAttributes: searchAttributes(start.search),
    workflowIdReusePolicy: 'ALLOW_DUPLICATE' as const,
  });
  return {
    async start(start) {
      await client.workflow.start(start.workflow, { ...optionsOf(start), workflowIdConflictPolicy: 'USE_EXISTING' });
    },
    async result(start) {
      const options = { ...optionsOf(start), workflowIdConflictPolicy: 'USE_EXISTING' as const };
      const handle = await client.workflow.start(start.workflow, { ...options, workflowExecutionTimeout: '30s' });
      return handle.result();
    },
    async signalWithStart(start, signal, ...args) {
      await client.workflow.signalWithStart(start.workflow, {
        ...optionsOf(start),
        signal: signal.name,
        signalArgs: args as unknown[],
      });
    },
  };
}

function searchAttributes(search: WorkflowStart['search']): TypedSearchAttributes {
  const pairs = [
    { key: ORGANISATION, value: search.organisationId },
    { key: CONNECTION, value: search.connectionId },
    { key: TICKET, value: search.ticketId },
  ];
  return new TypedSearchAttributes(
    pairs.flatMap((pair) => (pair.value === undefined ? [] : [{ key: pair.key, value: pair.value }])),
  );
}
