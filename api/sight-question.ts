import { ticketSightId } from '../domain/connection';
import type { SidebarDeps } from './sidebar';
import type { WorkflowQuestions } from './workflow-starter';

/** Asks the help desk through a worker, which alone holds its sign-in and keeps to its budget. */
export function createSightQuestion(starter: WorkflowQuestions): SidebarDeps['maySee'] {
  return async ({ organisationId, connectionId, userId, ticketId }) => {
    const workflowId = ticketSightId(connectionId, ticketId, userId);
    const search = { organisationId, connectionId, ticketId };
    const input = { organisationId, connectionId, ticketId, userId };
    return (await starter.result({ workflow: 'ticketSight', workflowId, input, search })) === true;
  };
}
