import { request, type Dispatcher } from 'undici';
import type { z } from 'zod';

/** What services are asked with. */
export interface Service {
  /** `https://…`, without slash at its end. Plain http only to this machine. */
  base: string;
  timeoutMs?: number;
  dispatcher?: Dispatcher;
}

const MAX_ANSWER = 4 * 1024 * 1024;

/**
 * Asks a service and checks its answer. No redirect is followed: the key goes to the configured host and nowhere else.
 * @throws Error with a constant text on every other outcome; neither key nor question is in it
 */
export async function askService<T>(
  service: Service,
  path: string,
  schema: z.ZodType<T>,
  init: { method?: 'GET' | 'POST'; headers?: Record<string, string>; body?: string } = {},
  signal?: AbortSignal,
): Promise<T> {
  const url = new URL(`${service.base}${path}`);
  const isLocal = /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/u.test(url.hostname);
  if (url.protocol !== 'https:' && !isLocal) throw new Error('the service must be asked over https');
  const clock = AbortSignal.timeout(service.timeoutMs ?? 5_000);
  const answer = await request(url, {
    method: init.method ?? 'GET',
    headers: { accept: 'application/json', ...init.headers },
    body: init.body ?? null,
    signal: signal ? AbortSignal.any([signal, clock]) : clock,
    ...(service.dispatcher && { dispatcher: service.dispatcher }),
  }).catch(() => {
    throw new Error('the service does not answer');
  });
  const text = await bounded(answer.body);
  if (answer.statusCode !== 200) throw new Error(`the service answered ${answer.statusCode}`);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new Error('the answer is not JSON');
  }
  const parsed = schema.safeParse(json);
  if (!parsed.success) throw new Error('the answer has another shape');
  return parsed.data;
}

async function bounded(body: Dispatcher.ResponseData['body']): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of body) {
      chunks.push(chunk as Buffer);
      length += (chunk as Buffer).length;
      if (length > MAX_ANSWER) throw new Error('too long');
    }
  } catch {
    throw new Error('the answer broke off or is too long');
  }
  return Buffer.concat(chunks).toString('utf8');
}
