/** A file to send, or one that was fetched. */
export interface SimulatorFile {
  name: string;
  bytes: Buffer;
  contentType?: string;
}

export interface SimulatorAttachment {
  id: number;
  file_name: string;
  content_url: string;
  content_type: string;
  size: number;
  inline: boolean;
  malware_scan_result: string;
}

export interface SimulatorComment {
  id: number;
  author_id: number;
  body: string;
  html_body: string;
  public: boolean;
  created_at: string;
  attachments: SimulatorAttachment[];
}

export interface SimulatorTicket {
  id: number;
  subject: string;
  status: string;
  updated_at: string;
  tags: string[];
}

export interface SimulatorRequest {
  seq: number;
  time: string;
  account: string | null;
  method: string;
  path: string;
  status: number;
  ms: number;
  who: string;
}

export interface SimulatorUserOptions {
  /** Loopback address of the stand-in, e.g. `http://127.0.0.1:4300`. */
  url: string;
  /** Account; named by `X-Forwarded-Host: {subdomain}.localhost`, which the stand-in honours. */
  subdomain: string;
  /** E-mail address and API token of an agent or admin. */
  email: string;
  apiToken: string;
}

interface Reply {
  status: number;
  bytes: Buffer;
  headers: Headers;
}

/** Speaks to the stand-in as an outside user of Zendesk would: plain HTTP with an API token. */
export class SimulatorUser {
  private readonly url: string;
  private readonly subdomain: string;
  private readonly authorization: string;

  constructor(options: SimulatorUserOptions) {
    this.url = options.url.replace(/\/$/, '');
    this.subdomain = options.subdomain;
    const credentials = `${options.email}/token:${options.apiToken}`;
    this.authorization = `Basic ${Buffer.from(credentials).toString('base64')}`;
  }

  /** Opens a ticket, with files on its first comment. @throws Error with status and body when refused */
  async createTicket(input: {
    subject: string;
    comment: string;
    files?: SimulatorFile[];
    requester?: { name: string; email: string };
    public?: boolean;
  }): Promise<{ ticket: SimulatorTicket; comment: SimulatorComment }> {
    const comment = { body: input.comment, public: input.public ?? true, uploads: await this.uploadAll(input.files) };
    const ticket = {
      subject: input.subject,
      comment,
      ...(input.requester === undefined ? {} : { requester: input.requester }),
    };
    return this.changed(await this.api('POST', '/api/v2/tickets', { ticket }));
  }

  /** Adds a comment, with files. */
  async addComment(
    ticketId: number,
    input: { body: string; public?: boolean; files?: SimulatorFile[] },
  ): Promise<{ ticket: SimulatorTicket; comment: SimulatorComment }> {
    const comment = { body: input.body, public: input.public ?? true, uploads: await this.uploadAll(input.files) };
    return this.changed(await this.api('PUT', `/api/v2/tickets/${ticketId}`, { ticket: { comment } }));
  }

  /** All comments, oldest first, inline images included. */
  async listComments(ticketId: number): Promise<SimulatorComment[]> {
    const comments: SimulatorComment[] = [];
    let cursor: string | undefined;
    for (;;) {
      const after = cursor === undefined ? '' : `&page[after]=${encodeURIComponent(cursor)}`;
      const path = `/api/v2/tickets/${ticketId}/comments?include_inline_images=true&page[size]=100${after}`;
      const page = await this.api<{ comments: SimulatorComment[]; meta: { has_more: boolean; after_cursor: string } }>(
        'GET',
        path,
      );
      comments.push(...page.comments);
      if (!page.meta.has_more) return comments;
      cursor = page.meta.after_cursor;
    }
  }

  async getTicket(ticketId: number): Promise<SimulatorTicket> {
    return (await this.api<{ ticket: SimulatorTicket }>('GET', `/api/v2/tickets/${ticketId}`)).ticket;
  }

  /** Fetches a `content_url` of this account in either form, and says what came instead of throwing. */
  async download(contentUrl: string): Promise<{ status: number; bytes: Buffer; contentType: string }> {
    const { pathname, search } = new URL(contentUrl);
    const first = await this.send('GET', `${pathname}${search}`);
    const location = first.headers.get('location');
    const reply = first.status === 302 && location !== null ? await follow(location) : first;
    return { status: reply.status, bytes: reply.bytes, contentType: reply.headers.get('content-type') ?? '' };
  }

  /** Sets a status; `closed` is final. */
  async setStatus(ticketId: number, status: string): Promise<SimulatorTicket> {
    const { ticket } = await this.api<{ ticket: SimulatorTicket }>('PUT', `/api/v2/tickets/${ticketId}`, {
      ticket: { status },
    });
    return ticket;
  }

  async close(ticketId: number): Promise<SimulatorTicket> {
    return this.setStatus(ticketId, 'closed');
  }

  /** Merges tickets into another one. */
  async merge(targetId: number, sourceIds: number[]): Promise<void> {
    await this.api('POST', `/api/v2/tickets/${targetId}/merge`, { ids: sourceIds });
  }

  /** Merges switches of this account (`switches.ts`) and adds `faults`; returns the switches in force. */
  async switches(patch: Record<string, unknown>): Promise<Record<string, unknown>> {
    const body = { account: this.subdomain, ...patch };
    return (await this.api<{ switches: Record<string, unknown> }>('POST', '/_simulator/switches', body)).switches;
  }

  /** The log of requests after a sequence number, the account's own only. */
  async requests(since = 0): Promise<SimulatorRequest[]> {
    const { requests } = await this.api<{ requests: SimulatorRequest[] }>('GET', `/_simulator/requests?since=${since}`);
    return requests.filter((entry) => entry.account === this.subdomain);
  }

  async clearRequests(): Promise<void> {
    await this.send('DELETE', '/_simulator/requests');
  }

  /** Everything forbidden that was seen: credentials at the content host, tokens at a foreign account. */
  async violations(): Promise<{ what: string; path: string }[]> {
    return (await this.api<{ violations: { what: string; path: string }[] }>('GET', '/_simulator/violations'))
      .violations;
  }

  /** How often a ticket was changed, redacted and annotated privately. */
  async updates(ticketId: number): Promise<{ updates: number; redactions: number; notes: number }> {
    return this.api('GET', `/_simulator/updates?account=${this.subdomain}&ticket=${ticketId}`);
  }

  /** Uploads one file; returns its token. */
  async upload(file: SimulatorFile, token?: string): Promise<string> {
    const more = token === undefined ? '' : `&token=${token}`;
    const path = `/api/v2/uploads?filename=${encodeURIComponent(file.name)}${more}`;
    const reply = await this.send('POST', path, file.bytes, file.contentType ?? 'application/octet-stream');
    return parse<{ upload: { token: string } }>(reply, 'POST', path).upload.token;
  }

  /** Calls any path of Zendesk's API as this user. @throws Error with status and body when the answer is not 2xx */
  async api<T>(method: string, path: string, body?: unknown): Promise<T> {
    const bytes = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
    return parse<T>(await this.send(method, path, bytes, 'application/json'), method, path);
  }

  private async uploadAll(files: SimulatorFile[] = []): Promise<string[]> {
    const tokens: string[] = [];
    for (const file of files) tokens.push(await this.upload(file));
    return tokens;
  }

  private changed(answer: { ticket: SimulatorTicket; audit: { events: (SimulatorComment & { type: string })[] } }): {
    ticket: SimulatorTicket;
    comment: SimulatorComment;
  } {
    const comment = answer.audit.events.find((event) => event.type === 'Comment');
    if (comment === undefined) throw new Error('The answer names no comment.');
    return { ticket: answer.ticket, comment };
  }

  private async send(method: string, path: string, body?: Buffer, contentType?: string): Promise<Reply> {
    const headers: Record<string, string> = { authorization: this.authorization };
    if (body !== undefined && contentType !== undefined) headers['content-type'] = contentType;
    const at = new URL(path, this.url);
    // Names below `localhost` do not resolve everywhere, so the account is named by a header, as a proxy would.
    headers['x-forwarded-host'] = `${this.subdomain}.localhost:${at.port}`;
    const response = await fetch(at, {
      method,
      headers,
      redirect: 'manual',
      ...(body === undefined ? {} : { body: new Uint8Array(body) }),
    });
    return { status: response.status, bytes: Buffer.from(await response.arrayBuffer()), headers: response.headers };
  }
}

/** The second request of a download goes to the content host, without credentials. */
async function follow(location: string): Promise<Reply> {
  const response = await fetch(location, { redirect: 'manual' });
  return { status: response.status, bytes: Buffer.from(await response.arrayBuffer()), headers: response.headers };
}

function parse<T>(reply: Reply, method: string, path: string): T {
  const text = reply.bytes.toString('utf8');
  if (reply.status < 200 || reply.status > 299)
    throw new Error(`${method} ${path} answered ${reply.status}: ${text.slice(0, 500)}`);
  // Answers of our own stand-in, whose shapes its tests check.
  return (text === '' ? undefined : JSON.parse(text)) as T;
}
