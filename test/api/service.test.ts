import { Router } from 'express';
import { z } from 'zod';
import { registerRoute } from '../../api/openapi';
import { openDatabase } from '../../db/pool';
import { openStation } from './support';

it('is ready when every part is', async () => {
  const station = await openStation({ checks: { temporal: async () => undefined } });
  expect((await station.call('GET', '/healthz')).body).toEqual({ alive: true });
  const { status, body } = await station.call('GET', '/readyz');
  expect(status).toBe(200);
  expect(body).toEqual({
    ready: true,
    checks: { database: { ok: true, problem: null }, temporal: { ok: true, problem: null } },
  });
  await station.close();
});

it('names the part that is not ready, in words of ours', async () => {
  const station = await openStation({
    checks: {
      temporal: () => Promise.reject(new Error('connect 10.1.2.3')),
      engines: async () => 'children are not isolated',
    },
  });
  const { status, body, text } = await station.call('GET', '/readyz');
  expect(status).toBe(503);
  expect(body.checks.temporal).toEqual({ ok: false, problem: 'does not answer' });
  expect(body.checks.engines).toEqual({ ok: false, problem: 'children are not isolated' });
  expect(text).not.toContain('10.1.2.3');
  await station.close();
});

it('answers 503 with Retry-After while Postgres is out of reach, and goes on afterwards', async () => {
  const station = await openStation();
  const down = openDatabase('postgres://nobody@127.0.0.1:1/nothing');
  const { withService } = station.database;
  station.database.withService = down.withService;
  const { status, headers, body } = await station.call('GET', '/api/v1/me', station.analyst);
  expect([status, headers.get('retry-after')]).toEqual([503, '5']);
  expect(body.type).toBe('urn:lazaret:problem:temporarily_unavailable');
  station.database.withService = withService;
  expect((await station.call('GET', '/api/v1/me', station.analyst)).status).toBe(200);
  await down.close();
  await station.close();
});

it('gives routes of others the untouched body, and documents them', async () => {
  const seen: string[] = [];
  const early = Router().post('/hooks/raw', (request, response) => {
    request.on('data', (chunk: Buffer) => seen.push(chunk.toString())).on('end', () => response.status(204).end());
  });
  const station = await openStation({
    mounts: [early],
    modules: [
      (api) =>
        registerRoute(api, {
          method: 'post',
          path: '/hooks/{connection}/signed',
          operationId: 'receiveSigned',
          summary: 'A signed webhook',
          tag: 'hooks',
          right: 'public',
          params: z.strictObject({ connection: z.string() }),
          rawBody: true,
          answers: { 200: { description: 'Seen.', schema: z.strictObject({ bytes: z.string() }) } },
          handle: async ({ rawBody, caller }) => {
            caller satisfies undefined;
            return { status: 200, body: { bytes: rawBody.toString('base64') } };
          },
        }),
    ],
  });
  const body = '{"a" : 1 , broken';
  const answer = await station.raw('POST', '/hooks/x/signed', {
    body,
    headers: { 'content-type': 'application/json' },
  });
  expect(Buffer.from(answer.body.bytes, 'base64').toString()).toBe(body);
  await station.raw('POST', '/hooks/raw', { body, headers: { 'content-type': 'application/json' } });
  expect(seen.join('')).toBe(body);
  const document = (await station.call('GET', '/api/openapi.json')).body;
  expect(document.paths['/hooks/{connection}/signed'].post.security).toEqual([]);
  await station.close();
});

it('slows down a key that asks too often, and whoever tries keys, but nobody else', async () => {
  const station = await openStation({ limits: { perKey: 3, failedSignIns: 2 } });
  for (let i = 0; i < 3; i++) expect((await station.call('GET', '/api/v1/me', station.a.viewer)).status).toBe(200);
  const refused = await station.call('GET', '/api/v1/me', station.a.viewer);
  expect(refused.status).toBe(429);
  expect(refused.headers.get('retry-after')).not.toBeNull();
  expect(refused.body.remedy).toContain('Retry-After');
  expect((await station.call('GET', '/api/v1/me', station.a.admin)).status).toBe(200);
  for (let i = 0; i < 2; i++) expect((await station.call('GET', '/api/v1/me', 'lz_wrong')).status).toBe(401);
  expect((await station.call('GET', '/api/v1/me', 'lz_wrong')).status).toBe(429);
  await station.close();
});
