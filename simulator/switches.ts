/**
 * What a test or the demonstration can change about an account. The defaults are Zendesk's usual behaviour; what the fact
 * sheet (`zendesk-api.md`) marks [?] is a switch with both answers.
 */
export const DEFAULT_SWITCHES = {
  /** §6: decides the account limits. `none` switches account limits off. */
  plan: 'enterprise_plus',
  rateLimits: {
    enabled: true,
    /** Requests per minute; 0 means what the plan gives. */
    perMinute: 0,
    updateTicketPerMinute: 0,
    incrementalPerMinute: 0,
    contentPerMinute: 2500,
    perTicket: 30,
    perTicketWindowMs: 600_000,
    /** 429 as JSON or as bare text; both were seen. */
    answer: 'json',
    /** Name of the per-ticket header; Zendesk changed the prefix over time. */
    headerPrefix: 'zendesk-ratelimit-',
  },
  agentWorkspace: true,
  privateAttachments: false,
  emailAttachments: false,
  agentTicketDeletion: true,
  attachmentSize: 52_428_800,
  commentLimit: 5000,
  /** `status` when an anonymous visitor asks for a private attachment; 302 leads to the sign-in page. */
  privateRefusalStatus: 401,
  uploads: {
    /** Extensions without dot; empty means that every type may be uploaded. */
    allowedExtensions: [] as string[],
    refusalStatus: 422,
    tooLargeStatus: 413,
    tokenSeconds: 3600,
    singleUse: true,
  },
  /** Zendesk's own scan; off, because the demonstration uploads EICAR and must be able to fetch it. */
  zendeskScan: { enabled: false, delayMs: 2000, fails: false },
  download: {
    /** normal · blocked_page · truncated · wrong_length · no_length · slow · encoded · not_found */
    mode: 'normal',
    /** How much of the body is sent by `truncated`. */
    fraction: 0.8,
    chunkBytes: 16_384,
    chunkDelayMs: 50,
    /** How many downloads the mode lasts; -1 for ever. */
    times: -1,
    /** What a file blocked by Zendesk's scan answers: 200 with a page, or 403. */
    blockedStatus: 200,
  },
  redaction: {
    sameId: true,
    sameUrl: false,
    size: 0,
    contentType: 'text/plain',
    /** How many more requests the address from before the redaction is served; -1 for ever. */
    urlLiveRequests: 0,
    closedStatus: 422,
    againStatus: 404,
    /** The Agent Workspace redaction adds the tag `redacted_content` to tickets that are not closed. */
    addsTag: true,
  },
  webhooks: {
    /** Accounts without ticket events refuse the subscription; triggers are then the only way. */
    eventSubscriptions: true,
    refuseCreation: false,
    dropFraction: 0,
    duplicate: false,
    delayMs: 0,
    /** Events of one action leave in reverse order. */
    reorder: false,
    /** Deliveries are kept until this is false again. */
    hold: false,
    timeoutMs: 12_000,
    retryDelayMs: 1000,
    breaker: true,
    breakerMinimum: 20,
    breakerPauseMs: 5000,
    /** A test of a saved webhook is signed with the secret for tests or with its own. */
    testSecret: 'own',
    inlineEvents: true,
    mergeEvents: true,
  },
  oauth: {
    accessSeconds: 1800,
    refreshSeconds: 2_592_000,
    codeSeconds: 120,
    createdStatus: 200,
    invalidClientStatus: 401,
    invalidGrantStatus: 400,
    revokeKillsRefresh: true,
  },
  /** Whether `tickets:*` covers uploads, attachments and redactions. */
  ticketsScopeCoversFiles: true,
  /** Whether `additional_tags` and `remove_tags` work on the update of a single ticket. */
  additionalTags: true,
  incremental: { holeSeconds: 60, scopeTicketsRead: true },
};

export type Switches = typeof DEFAULT_SWITCHES;

/**
 * Merges a patch into settings. Returns the merged copy.
 * @throws Error naming the key when it is unknown or its value has another type than the one it replaces.
 */
export function mergeSwitches<T>(current: T, patch: unknown, at = ''): T {
  if (typeof current !== 'object' || current === null || Array.isArray(current)) {
    if (typeof patch !== typeof current || Array.isArray(patch) !== Array.isArray(current)) {
      throw new Error(`Switch ${at}: expected ${typeof current}, got ${JSON.stringify(patch)}.`);
    }
    return patch as T;
  }
  if (typeof patch !== 'object' || patch === null) throw new Error(`Switch ${at}: expected an object.`);
  const merged = { ...current } as Record<string, unknown>;
  for (const [key, value] of Object.entries(patch)) {
    if (!Object.hasOwn(merged, key)) throw new Error(`There is no switch ${at}${key}.`);
    merged[key] = mergeSwitches(merged[key], value, `${at}${key}.`);
  }
  return merged as T;
}
