import SwaggerParser from '@apidevtools/swagger-parser';
import { openStation } from './support';
import type { Station } from './support';

let station: Station;
beforeAll(async () => {
  station = await openStation();
});
afterAll(() => station.close());

interface Layer {
  route?: { path: string; methods: Record<string, boolean> };
}

it('serves a valid OpenAPI 3.1 document without a key', async () => {
  const { status, body } = await station.call('GET', '/api/openapi.json');
  expect(status).toBe(200);
  expect(body.openapi).toBe('3.1.0');
  await expect(SwaggerParser.validate(structuredClone(body))).resolves.toBeDefined();
});

it('finds an error in a document that has one', async () => {
  const { body } = await station.call('GET', '/api/openapi.json');
  delete body.paths['/healthz'].get.responses['200'].description;
  await expect(SwaggerParser.validate(body)).rejects.toThrow();
});

it('documents every route that Express has, and Express has every route of the document', async () => {
  const { body } = await station.call('GET', '/api/openapi.json');
  const documented = Object.entries<Record<string, unknown>>(body.paths).flatMap(([path, operations]) =>
    Object.keys(operations).map((method) => `${method} ${path}`),
  );
  const mounted = new Set<string>();
  const walk = (router: unknown): void => {
    for (const layer of (router as { stack: (Layer & { handle: { stack?: unknown } })[] }).stack) {
      if (layer.route) {
        const methods = Object.keys(layer.route.methods);
        // `all` is the refusal of other methods.
        for (const method of methods.filter((name) => name !== '_all')) {
          mounted.add(`${method} ${layer.route.path.replace(/:(\w+)/gu, '{$1}')}`);
        }
      } else if (layer.handle.stack) walk(layer.handle);
    }
  };
  walk(station.app.app.router);
  expect([...mounted].filter((line) => / \/(api|callbacks|healthz|readyz)/u.test(line)).sort()).toEqual(
    documented.sort(),
  );
  expect(documented.length).toBeGreaterThan(25);
});

it('describes lists, words and defaults as clients need them', async () => {
  const { body } = await station.call('GET', '/api/openapi.json');
  const parameters = body.paths['/api/v1/scans'].get.parameters;
  const verdict = parameters.find((parameter: { name: string }) => parameter.name === 'verdict');
  expect(verdict.schema).toMatchObject({ type: 'array', items: { enum: expect.arrayContaining(['unscannable']) } });
  expect(body.paths['/api/v1/scans/{id}/verdict'].post.responses.default.content).toHaveProperty(
    'application/problem+json',
  );
  expect(body.components.schemas.Scan.properties.state.enum).toContain('release_refused');
});
