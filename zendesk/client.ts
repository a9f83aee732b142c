import type { FetchOutcome, FetchRequest } from '../domain/channel';
import { createAccount, type Account } from './account';
import { createAttachments, type Attachments } from './attachments';
import type { Budget } from './budget';
import { createDownload } from './download';
import { isZendeskError } from './errors';
import type { ZendeskTransport } from './http';
import { createIncremental, type Incremental } from './incremental';
import { ownHostsOf, type OwnHost } from './own-hosts';
import { createZendeskApi, type MarketplaceHeaders, type TokenSource } from './request';
import { createTickets, type Tickets } from './tickets';
import { createTriggers, type Triggers } from './triggers';
import { createWebhooks, type Webhooks } from './webhooks';

export type { MarketplaceHeaders, TokenSource } from './request';
export type { Budget, BudgetEndpoint, BudgetFacts } from './budget';

export interface ZendeskClientOptions {
  /** Checked sub-domain of the account, e.g. `acme`. */
  subdomain: string;
  /** Hosts of the account as last read; its own sub-domain is always among them. */
  ownHosts: readonly OwnHost[];
  transport: ZendeskTransport;
  tokens: TokenSource;
  budget: Budget;
  marketplaceHeaders?: MarketplaceHeaders;
}

/**
 * All calls of one Zendesk account that Lazaret makes, by noun. Calls throw ZendeskError, or what
 * the token source, the budget or the stream of an upload threw.
 */
export interface ZendeskClient {
  account: Account;
  tickets: Tickets;
  attachments: Attachments;
  webhooks: Webhooks;
  triggers: Triggers;
  incremental: Incremental;
  download(request: FetchRequest): Promise<FetchOutcome>;
}

/** Makes the client of one account. It holds no state: one per connection and process, or one per call, is the same. */
export function createZendeskClient(options: ZendeskClientOptions): ZendeskClient {
  const api = createZendeskApi(options);
  const attachments = createAttachments(api);
  const basic = ownHostsOf(options.subdomain, []);
  const others = options.ownHosts.filter((one) => !basic.some((own) => own.host === one.host));
  return {
    account: createAccount(api),
    tickets: createTickets(api),
    attachments,
    webhooks: createWebhooks(api),
    triggers: createTriggers(api),
    incremental: createIncremental(api),
    download: createDownload({
      transport: options.transport,
      tokens: options.tokens,
      budget: options.budget,
      ownHosts: [...basic, ...others],
      readAttachment: async (attachmentId, lane) => {
        try {
          return await attachments.get(attachmentId, lane);
        } catch (error) {
          if (isZendeskError(error, 'not_found')) return undefined;
          throw error;
        }
      },
    }),
  };
}
