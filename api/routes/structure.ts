import { z } from 'zod';
import type { Database } from '../../db/pool';
import { listInspections } from '../../db/scan-story';
import { SEVERITIES, UNSCANNABLE_REASONS } from '../../domain/words';
import type { StructureAnswer, StructureQuestion, StructureViewer } from '../../scanners/embedded/structure/viewer';
import { idSchema, sha256Schema } from '../fields';
import { registerRoute } from '../openapi';
import type { Api, Caller, RouteModule } from '../openapi';
import { conflict, notFound } from '../problems';
import { beginLook, orProblem, sourceOf } from '../sealed-look';
import { treeView } from '../structure-view';
import type { OpenSealed } from './scan-file';

export interface StructureDeps {
  database: Database;
  openSealed: OpenSealed;
  structures: StructureViewer;
}

const MAX_BYTES = 16_384;

const nodeSchema = z
  .strictObject({
    id: z.int(),
    parent: z.int().nullable(),
    kind: z
      .enum(['file', 'member', 'cut', 'same'])
      .describe('cut: an archive inside other content, beginning at `at`; same: the bytes of `sameAs`, opened there.'),
    sameAs: z.int().optional(),
    at: z.int().optional(),
    displayName: z.string(),
    size: z.int(),
    type: z.string().describe('By content.'),
    sha256: z.string(),
    findings: z.array(
      z.strictObject({
        engine: z.string(),
        rule: z.string(),
        severity: z.enum(SEVERITIES),
        what: z.string(),
        analyst: z.string().nullable(),
        inside: z.array(z.string()).describe('Where in this part, outermost first.'),
      }),
    ),
  })
  .meta({ id: 'StructureNode' });

const treeSchema = z
  .strictObject({
    nodes: z.array(nodeSchema).describe('The file first; nothing stands before what it came out of. At most 2,000.'),
    more: z.boolean().describe('There are more parts than are listed.'),
    reason: z.enum(UNSCANNABLE_REASONS).nullable().describe('Why not everything was seen, e.g. a password.'),
  })
  .meta({ id: 'Structure' });

const scanParams = z.strictObject({ id: idSchema });
const partParams = z.strictObject({ id: idSchema, sha256: sha256Schema });
const place = z.coerce
  .number()
  .int()
  .min(0)
  .max(2 ** 40)
  .default(0);

/**
 * What a sealed file is made of, for analysts. The bytes are parsed by an isolated process only; each look is an audit
 * event. Nothing here gives out what a browser would run: text is JSON, pictures are drawn anew.
 */
export function structureRoutes(deps: StructureDeps): RouteModule {
  return (api) => {
    addTree(api, deps);
    addBytes(api, deps);
    addStrings(api, deps);
    addFacts(api, deps);
    addPicture(api, deps);
  };
}

function addTree(api: Api, { database, openSealed, structures }: StructureDeps): void {
  registerRoute(api, {
    method: 'get',
    path: '/api/v1/scans/{id}/structure',
    operationId: 'getStructure',
    summary: 'The parts of a sealed file, with what was found in each',
    description: 'Writes the audit event sealed_copy.structure_seen.',
    tag: 'sealed copies',
    right: 'sealed_copy.look',
    params: scanParams,
    answers: { 200: { description: 'The tree, as a list.', schema: treeSchema } },
    handle: async ({ params: { id }, caller }) => {
      const look = { purpose: 'getStructure', event: 'sealed_copy.structure_seen' };
      const scan = await beginLook(database, caller, id, look);
      const { key, open } = sourceOf(openSealed, scan);
      const tree = await orProblem(scan, structures.tree(key, open));
      const inspections = await database.withOrganisation(scan.organisationId, (db) => listInspections(db, id));
      return { status: 200, body: treeView(tree, inspections[0]?.findings ?? []) };
    },
  });
}

function addBytes(api: Api, deps: StructureDeps): void {
  registerRoute(api, {
    method: 'get',
    path: '/api/v1/scans/{id}/parts/{sha256}/bytes',
    operationId: 'getPartBytes',
    summary: 'Bytes of one part, as hexadecimal digits',
    description: 'Writes the audit event sealed_copy.bytes_seen.',
    tag: 'sealed copies',
    right: 'sealed_copy.look',
    params: partParams,
    query: z.strictObject({ offset: place, length: z.coerce.number().int().min(1).max(MAX_BYTES).default(4096) }),
    answers: {
      200: {
        description: 'Fewer than asked for at the end.',
        schema: z.strictObject({ offset: z.int(), size: z.int(), hex: z.string() }).meta({ id: 'PartBytes' }),
      },
    },
    handle: async ({ params, query: { offset, length }, caller }) => {
      const answer = await askPart(deps, caller, params, 'getPartBytes', { what: 'bytes', offset, length });
      if (answer.what !== 'bytes') throw notFound('part');
      const { size, bytes } = answer;
      return { status: 200, body: { offset, size, hex: Buffer.from(bytes).toString('hex') } };
    },
  });
}

function addStrings(api: Api, deps: StructureDeps): void {
  const schema = z
    .strictObject({
      strings: z.array(z.strictObject({ at: z.int(), encoding: z.enum(['ascii', 'utf-16']), text: z.string() })),
      next: z.int().nullable().describe('`from` of the next page; null at the end.'),
    })
    .meta({ id: 'PartStrings' });
  registerRoute(api, {
    method: 'get',
    path: '/api/v1/scans/{id}/parts/{sha256}/strings',
    operationId: 'getPartStrings',
    summary: 'Readable runs of one part, with their places',
    description: 'Writes the audit event sealed_copy.strings_seen. Longer runs than 500 characters come in pieces.',
    tag: 'sealed copies',
    right: 'sealed_copy.look',
    params: partParams,
    query: z.strictObject({
      from: place,
      least: z.coerce.number().int().min(3).max(100).default(6).describe('Characters that make a run.'),
    }),
    answers: { 200: { description: 'At most 200.', schema } },
    handle: async ({ params, query: { from, least }, caller }) => {
      const answer = await askPart(deps, caller, params, 'getPartStrings', { what: 'strings', from, least });
      if (answer.what !== 'strings') throw notFound('part');
      return { status: 200, body: { strings: answer.strings, next: answer.next } };
    },
  });
}

function addFacts(api: Api, deps: StructureDeps): void {
  const fact = z.strictObject({ group: z.string(), name: z.string(), value: z.string() });
  registerRoute(api, {
    method: 'get',
    path: '/api/v1/scans/{id}/parts/{sha256}/facts',
    operationId: 'getPartFacts',
    summary: 'What one part says about itself: hashes, dates, authors, programs',
    description: 'Writes the audit event sealed_copy.facts_seen. Values are the file’s own words, which may lie.',
    tag: 'sealed copies',
    right: 'sealed_copy.look',
    params: partParams,
    answers: {
      200: {
        description: 'Group by group.',
        schema: z.strictObject({ facts: z.array(fact) }).meta({ id: 'PartFacts' }),
      },
    },
    handle: async ({ params, caller }) => {
      const answer = await askPart(deps, caller, params, 'getPartFacts', { what: 'facts' });
      if (answer.what !== 'facts') throw notFound('part');
      return { status: 200, body: { facts: answer.facts } };
    },
  });
}

const PNG = Buffer.from('89504e470d0a1a0a', 'hex');

function addPicture(api: Api, deps: StructureDeps): void {
  registerRoute(api, {
    method: 'get',
    path: '/api/v1/scans/{id}/parts/{sha256}/picture',
    operationId: 'getPartPicture',
    summary: 'A picture, drawn anew by Lazaret',
    description: 'Never the bytes of the file. Writes the audit event sealed_copy.picture_seen.',
    tag: 'sealed copies',
    right: 'sealed_copy.look',
    params: partParams,
    answers: { 200: { description: 'At most 1,024 pixels across.', contentType: 'image/png' } },
    handle: async ({ params, caller, response }) => {
      const answer = await askPart(deps, caller, params, 'getPartPicture', { what: 'picture' });
      const png = answer.what === 'picture' ? Buffer.from(answer.png) : undefined;
      // The process reads hostile files: what it calls a PNG is looked at.
      if (!png?.subarray(0, PNG.length).equals(PNG)) throw noPicture();
      response.set({
        'content-type': 'image/png',
        'content-security-policy': "sandbox; default-src 'none'",
        'x-content-type-options': 'nosniff',
        'cache-control': 'no-store',
      });
      response.send(png);
      return undefined;
    },
  });
}

async function askPart(
  { database, openSealed, structures }: StructureDeps,
  caller: Caller,
  { id, sha256 }: { id: string; sha256: string },
  purpose: string,
  question: StructureQuestion,
): Promise<StructureAnswer> {
  const { what, ...where } = question;
  const look = { purpose, event: `sealed_copy.${what}_seen`, detail: { part: sha256, ...where } };
  const scan = await beginLook(database, caller, id, look);
  const { key, open } = sourceOf(openSealed, scan);
  const answer = await orProblem(scan, structures.ask(key, open, sha256, question));
  if (answer.what === 'refused' && answer.why === 'no_such_part') throw notFound('part', 'sha256');
  return answer;
}

function noPicture() {
  return conflict(
    'no_picture',
    'There is no preview.',
    'This part is no picture that Lazaret draws anew, or it does not decode.',
    'Look at its bytes and strings.',
    { errors: [{ field: 'sha256', detail: 'is not of a picture' }] },
  );
}
