import { Browser } from './browser';
import type { LazaretClient } from './lazaret-client';
import { until } from './lazaret-client';

/** Who signs in at Zendesk, and with which OAuth client of the account. */
export interface Activation {
  apiUrl: string;
  /** An admin's key of the organisation. */
  client: LazaretClient;
  organisationId: string;
  subdomain: string;
  zendeskAdmin: { email: string; password: string };
  oauthClient?: { id: string; secret: string };
}

/** What the pages showed on the way. */
export interface Activated {
  connectionId: string;
  /** Text of the page that asks before anything is made. */
  asked: string;
}

/**
 * Activates the channel as a person would: the address from the API in a browser, sign-in and consent at Zendesk, the
 * question who connects what, and the steps until the connection works.
 * @throws Error naming the page on which it ended
 */
export async function activateAsPerson(activation: Activation): Promise<Activated> {
  const { client, organisationId, subdomain } = activation;
  const channel = `/api/v1/organisations/${organisationId}/channels/zendesk`;
  const body = { subdomain, ...(activation.oauthClient ? { client: activation.oauthClient } : {}) };
  const begun = await client.call<{ connectionId: string; startUrl: string }>('POST', `${channel}/activation`, body);
  const browser = new Browser();
  try {
    const signIn = await browser.open(begun.startUrl);
    const consent = await browser.submit(signIn, '/access/login', activation.zendeskAdmin);
    const question = await browser.submit(consent, '/oauth/authorizations', {}, 'allow');
    if (!question.url.startsWith(activation.apiUrl))
      throw new Error(`the sign-in ended at ${new URL(question.url).origin}`);
    const asked = question.html.structuredText;
    await browser.submit(question, '/confirm', {});
    await until('the connection', async () => {
      const connection = await client.call<{ state: string; steps: { problem?: string | null }[] }>(
        'GET',
        `${channel}/connection`,
      );
      const problem = connection.steps.find((step) => step.problem)?.problem;
      if (connection.state === 'failed') throw new Error(`the activation failed: ${problem ?? 'no reason given'}`);
      return connection.state === 'connected' ? connection : undefined;
    });
    return { connectionId: begun.connectionId, asked };
  } finally {
    await browser.close();
  }
}
