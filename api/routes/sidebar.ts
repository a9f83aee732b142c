import { createHash } from 'node:crypto';
import { ipKeyGenerator, rateLimit } from 'express-rate-limit';
import { z } from 'zod';
import { OPINIONS, requestInvestigation } from '../../db/investigations';
import { listSidebarItems } from '../../db/sidebar-items';
import type { SidebarItem } from '../../db/sidebar-items';
import { defang, displayFileName } from '../../domain/text';
import {
  DECIDED_VERDICTS,
  ITEM_KINDS,
  ITEM_STATES,
  STATE_REASONS,
  UNSCANNABLE_REASONS,
  VERDICTS,
} from '../../domain/words';
import { tooManyRequests } from '../errors';
import { idSchema, proseSchema } from '../fields';
import { registerRoute } from '../openapi';
import type { Api, Reply, RouteModule } from '../openapi';
import { notFound } from '../problems';
import { createSight, openSidebar, requireAgent, SidebarRefused } from '../sidebar';
import type { SidebarDeps } from '../sidebar';
import { sidebarPage, sidebarPolicy, sidebarRefusal } from '../sidebar-page';
import type { SidebarFiles } from '../sidebar-page';
import { time } from '../views';

const PAGE = '/app/sidebar';
const TICKET = `${PAGE}/tickets/{ticketId}`;
/** Pages that one address may be refused in a minute, and requests of one page. */
const REFUSED_PER_MINUTE = 60;
const ASKED_PER_MINUTE = 120;

const ticketParams = z.strictObject({
  ticketId: z.string().regex(/^[1-9][0-9]{0,14}$/u, 'expected the number of a ticket'),
});

const itemSchema = z
  .strictObject({
    id: z.uuid(),
    kind: z.enum(ITEM_KINDS),
    name: z.string().describe('For people: hidden characters shown as ⟨NAME⟩, addresses defanged.'),
    size: z.number().nullable(),
    verdict: z.enum(VERDICTS),
    reason: z.enum(UNSCANNABLE_REASONS).nullable(),
    state: z.enum(ITEM_STATES),
    stateReason: z.enum(STATE_REASONS).nullable(),
    createdAt: time,
    found: z.array(z.string()),
    decision: z.strictObject({ verdict: z.enum(DECIDED_VERDICTS), reason: z.string(), at: z.string() }).nullable(),
    investigation: z
      .strictObject({ state: z.enum(['open', 'answered']), opinion: z.enum(OPINIONS), at: z.string() })
      .nullable(),
  })
  .meta({ id: 'SidebarItem' });

/** The app in the ticket's sidebar: its page, for a token that Zendesk has signed, and what the page asks. */
export function sidebarRoutes(deps: SidebarDeps, files: SidebarFiles): RouteModule {
  return (api) => {
    addPage(api, deps);
    addFile(api, 'sidebar.js', 'text/javascript', files.script);
    addFile(api, 'sidebar.css', 'text/css', files.style);
    api.router.use(`${PAGE}/tickets`, limitPages());
    const sight = createSight(deps);
    addItems(api, deps, sight);
    addRequest(api, deps, sight);
  };
}

function addPage(api: Api, deps: SidebarDeps): void {
  api.router.post(PAGE, limitRefused());
  registerRoute(api, {
    method: 'post',
    path: PAGE,
    operationId: 'openSidebar',
    summary: 'The page of the Zendesk app',
    description:
      'Zendesk posts the form field "token", a JSON Web Token signed with the key of the app. It counts once.',
    tag: 'sidebar',
    right: 'public',
    query: z.looseObject({}),
    rawBody: true,
    answers: {
      200: { description: 'The page.', contentType: 'text/html' },
      401: { description: 'The token does not count; a page says why.', contentType: 'text/html' },
    },
    handle: async ({ rawBody, response, request }) => {
      const isForm = request.is('application/x-www-form-urlencoded') !== false;
      const token = isForm ? (new URLSearchParams(rawBody.toString('utf8')).get('token') ?? '') : '';
      // The policy says who may frame it; this older header knows only nobody.
      response.removeHeader('x-frame-options');
      try {
        const { bearer, subdomain } = await openSidebar(deps, token);
        return pageReply(200, sidebarPage(bearer), `https://${subdomain}.zendesk.com`);
      } catch (error) {
        if (!(error instanceof SidebarRefused)) throw error;
        api.log.warn({ refusal: error.refusal }, 'the app of a ticket was refused');
        // Nothing is in this page, so that any account may show it.
        return pageReply(401, sidebarRefusal(error.refusal), 'https://*.zendesk.com');
      }
    },
  });
}

function pageReply(status: number, body: string, ancestors: string): Reply {
  return { status, body, headers: { 'content-security-policy': sidebarPolicy(ancestors) } };
}

function addFile(api: Api, name: string, contentType: string, body: string): void {
  registerRoute(api, {
    method: 'get',
    path: `${PAGE}/${name}`,
    operationId: name === 'sidebar.js' ? 'getSidebarScript' : 'getSidebarStyle',
    summary: name === 'sidebar.js' ? 'Script of the page' : 'Style of the page',
    tag: 'sidebar',
    right: 'public',
    answers: { 200: { description: 'The file.', contentType } },
    handle: async () => ({ status: 200, body, headers: { 'cache-control': 'no-cache' } }),
  });
}

type Sight = ReturnType<typeof createSight>;

function addItems(api: Api, deps: SidebarDeps, sight: Sight): void {
  registerRoute(api, {
    method: 'get',
    path: TICKET,
    operationId: 'listSidebarItems',
    summary: 'Files and links of a ticket, for an agent who may see it',
    description: 'Signed in by the page. What the agent may not see in Zendesk is answered like what does not exist.',
    tag: 'sidebar',
    right: 'public',
    params: ticketParams,
    answers: {
      200: {
        description: 'What is worst first.',
        schema: z.strictObject({ ticketId: z.string(), total: z.int(), items: z.array(itemSchema) }),
      },
    },
    handle: async ({ params: { ticketId }, request }) => {
      const session = await requireAgent(deps, request.headers.authorization);
      await sight(session, ticketId);
      const { organisationId, connectionId } = session;
      const { items, total } = await deps.database.withOrganisation(organisationId, (db) =>
        listSidebarItems(db, { connectionId, ticketId }),
      );
      return { status: 200, body: { ticketId, total, items: items.map(itemView) } };
    },
  });
}

function addRequest(api: Api, deps: SidebarDeps, sight: Sight): void {
  registerRoute(api, {
    method: 'post',
    path: `${TICKET}/items/{id}/investigations`,
    operationId: 'requestInvestigationFromTicket',
    summary: 'Ask analysts to look again, as an agent',
    tag: 'sidebar',
    right: 'public',
    params: ticketParams.extend({ id: idSchema }),
    body: z.strictObject({ opinion: z.enum(OPINIONS), reason: proseSchema(2000) }),
    answers: {
      200: { description: 'Joined the open one.', schema: itemSchema },
      201: { description: 'Requested.', schema: itemSchema },
    },
    handle: async ({ params: { ticketId, id }, body, request }) => {
      const session = await requireAgent(deps, request.headers.authorization);
      await sight(session, ticketId);
      const { organisationId, connectionId, userId } = session;
      return deps.database.withOrganisation(organisationId, async (db) => {
        const ticket = { connectionId, ticketId };
        if ((await listSidebarItems(db, ticket, id)).items.length === 0) throw notFound('item');
        const actorId = `agent:${userId}`;
        const made = await requestInvestigation(db, {
          ...{ organisationId, itemId: id, ...body, actorId, actorRole: 'agent' as const },
        });
        if (made.outcome === 'unknown') throw notFound('item');
        const [item] = (await listSidebarItems(db, ticket, id)).items;
        if (!item) throw notFound('item');
        return { status: made.outcome === 'requested' ? 201 : 200, body: itemView(item) };
      });
    },
  });
}

function itemView({ fileName, ...item }: SidebarItem): Record<string, unknown> {
  const name = displayFileName(fileName);
  return { ...item, name: item.kind === 'url' ? defang(name) : name };
}

function limitRefused() {
  return rateLimit({
    windowMs: 60_000,
    limit: REFUSED_PER_MINUTE,
    skipSuccessfulRequests: true,
    keyGenerator: (request) => ipKeyGenerator(request.ip ?? ''),
    ...{ standardHeaders: false, legacyHeaders: false, validate: { xForwardedForHeader: false } },
    handler: (_request, _response, next) => next(tooManyRequests(60, 'Too many tokens that do not count.')),
  });
}

function limitPages() {
  return rateLimit({
    windowMs: 60_000,
    limit: ASKED_PER_MINUTE,
    keyGenerator: ({ headers }) =>
      createHash('sha256')
        .update(headers.authorization ?? '')
        .digest('base64'),
    ...{ standardHeaders: false, legacyHeaders: false, validate: { xForwardedForHeader: false } },
    handler: (_request, _response, next) =>
      next(tooManyRequests(60, `A page of the app may send ${ASKED_PER_MINUTE} requests a minute.`)),
  });
}
