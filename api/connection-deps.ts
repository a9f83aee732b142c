import type { SecretSealer } from '../db/connection-secrets';
import type { Database } from '../db/pool';
import type { ZendeskTransport } from '../zendesk/http';
import type { OAuthClient } from '../zendesk/oauth';
import type { Log } from './log';

/** Workflows that the API starts for a connection; each takes ids only. */
export type ConnectionWorkflow = 'channelActivation' | 'channelDeactivation' | 'connectionCheck' | 'secretRotation';

/** What activation, connections and intake need beside the database. */
export interface ConnectionApiDeps {
  database: Database;
  log: Log;
  clock: () => Date;
  /** Origin under which people and Zendesk reach this API, without a slash at the end. */
  publicUrl: string;
  /** Host part of Message-IDs. */
  mailDomain: string;
  secretBox: SecretSealer;
  transport: ZendeskTransport;
  /** The installation's own OAuth client; without it admins enter the one of their account. */
  globalClient?: OAuthClient | undefined;
  /** Whom people ask for a bundle; undefined: they are told to ask support. */
  supportAddress?: string | undefined;
  /** Starts a workflow, or joins the open one of the same id. */
  startWorkflow(
    name: ConnectionWorkflow,
    workflowId: string,
    input: { organisationId: string; connectionId: string },
  ): Promise<void>;
}
