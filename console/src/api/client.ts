import createClient from 'openapi-fetch';
import type { Middleware } from 'openapi-fetch';
import type { components, paths } from './schema';

export type Scan = components['schemas']['Scan'];
export type ScanStory = components['schemas']['ScanStory'];
export type Finding = components['schemas']['Finding'];
export type Connection = components['schemas']['Connection'];
export type Investigation = components['schemas']['Investigation'];
export type QueuedInvestigation = components['schemas']['QueuedInvestigation'];
export type Person = components['schemas']['Person'];
export type Invitation = components['schemas']['Invitation'];
export type ApiKey = components['schemas']['ApiKey'];
export type OwnSession = components['schemas']['OwnSession'];
export type DecisionEffects = NonNullable<components['schemas']['DecisionEffects']>;
export type Structure = components['schemas']['Structure'];
export type StructureNode = components['schemas']['StructureNode'];
export type Session = components['schemas']['Session'];
type ProblemDocument = components['schemas']['Problem'];

/** A refusal of the API, or no answer at all (`status` 0). */
export class ApiProblem extends Error {
  readonly status: number;
  /** The word of the kind, e.g. `decided_first`. */
  readonly kind: string;
  readonly title: string;
  readonly remedy: string;
  readonly document: Partial<ProblemDocument>;

  constructor(status: number, document: Partial<ProblemDocument>) {
    super(document.detail ?? document.title ?? `The answer was ${status}.`);
    this.name = 'ApiProblem';
    this.status = status;
    this.kind = (document.type ?? '').replace('urn:lazaret:problem:', '');
    this.title = document.title ?? `The answer was ${status}.`;
    this.remedy = document.remedy ?? '';
    this.document = document;
  }

  /** What is wrong with a field of the request, for showing beside it. */
  fieldProblem(field: string): string | undefined {
    return this.document.errors?.find((error) => error.field === field)?.detail;
  }
}

/** Told of every answer: whether the server was reached, and whether it asked for a sign-in. */
export interface Listeners {
  reached(reachable: boolean): void;
  signInNeeded(): void;
}

const listeners: Listeners = { reached: () => undefined, signInNeeded: () => undefined };
let csrfToken = '';

/** Names who is told of lost connections and ended sessions; there is one such listener, the frame. */
export function listen(those: Partial<Listeners>): void {
  Object.assign(listeners, those);
}

/** Keeps the token that changing requests of this session carry. */
export function keepCsrfToken(token: string): void {
  csrfToken = token;
}

const SAFE = new Set(['GET', 'HEAD']);

const session: Middleware = {
  onRequest({ request }) {
    if (!SAFE.has(request.method) && csrfToken !== '') request.headers.set('x-csrf-token', csrfToken);
    return request;
  },
  async onResponse({ request, response }) {
    listeners.reached(response.status !== 502 && response.status !== 504);
    if (response.ok) return;
    const problem = new ApiProblem(response.status, await documentOf(response));
    const signingIn = new URL(request.url).pathname.startsWith('/api/v1/session');
    if (response.status === 401 && !signingIn) listeners.signInNeeded();
    throw problem;
  },
  onError() {
    listeners.reached(false);
    return new ApiProblem(0, {
      title: 'Lazaret does not answer.',
      detail: 'The connection is lost. Nothing was changed.',
      remedy: 'What you see is as it was. This page goes on by itself when the connection is back.',
    });
  },
};

async function documentOf(response: Response): Promise<Partial<ProblemDocument>> {
  try {
    const body: unknown = await response.json();
    return typeof body === 'object' && body !== null ? body : {};
  } catch {
    return { title: `The answer was ${response.status}.`, detail: 'It could not be read.', remedy: 'Try again.' };
  }
}

/** The API with the types of its own document. Every refusal is thrown as {@link ApiProblem}. */
export const api = createClient<paths>({ baseUrl: '/', credentials: 'same-origin' });
api.use(session);

/** The body of an answer that was not refused. */
export async function bodyOf<T>(answer: Promise<{ data?: T }>): Promise<T> {
  const { data } = await answer;
  if (data === undefined) throw new ApiProblem(500, { title: 'The answer is empty.', remedy: 'Try again.' });
  return data;
}
