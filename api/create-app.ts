import { OpenAPIRegistry } from '@asteasolutions/zod-to-openapi';
import express, { Router } from 'express';
import type { Express } from 'express';
import { z } from 'zod';
import type { SecretSealer } from '../db/connection-secrets';
import type { Database } from '../db/pool';
import { createAuthentication } from './auth';
import { createErrorHandler, unknownRoute, wrongMethod } from './errors';
import { healthRoutes } from './health';
import type { HealthCheck } from './health';
import type { Log } from './log';
import { DEFAULT_LIMITS, limitFailedSignIns, limitKeys, requestLog, securityHeaders } from './middleware';
import type { RateLimits } from './middleware';
import { createOpenApiDocument, registerRoute } from './openapi';
import type { Api, RouteModule } from './openapi';
import { apiKeyRoutes } from './routes/api-keys';
import { auditRoutes } from './routes/audit-events';
import { bundleRoutes } from './routes/bundles';
import { claimRoutes } from './routes/claims';
import { decisionRoutes } from './routes/decisions';
import { dashboardRoutes } from './routes/dashboard';
import { engineRoutes, readIsolation } from './routes/engines';
import { investigationRoutes } from './routes/investigations';
import { linkRoutes } from './routes/scan-link';
import { listRoutes } from './routes/lists';
import { meRoutes } from './routes/me';
import { organisationRoutes } from './routes/organisations';
import { policyRoutes } from './routes/policy';
import { policyTrialRoutes } from './routes/policy-trials';
import { returnRoutes } from './routes/returns';
import { scanFileRoutes } from './routes/scan-file';
import type { OpenSealed } from './routes/scan-file';
import { scanViewRoutes } from './routes/scan-views';
import { scanRoutes } from './routes/scans';
import { verdictRoutes } from './routes/verdicts';
import { signInDeps } from './session/deps';
import type { SignInSettings } from './session/deps';
import { CSRF_HEADER } from './session/guard';
import { signInModules } from './session/modules';
import type { OidcSettings } from './session/oidc';
import { sessionCookie } from './session/tokens';

export interface AppDeps {
  database: Database;
  log: Log;
  /** Now. */
  clock: () => Date;
  /** Base URL under which people and Zendesk reach this API, without a slash at the end. */
  publicUrl: string;
  version: string;
  /** Base URL of Temporal's UI, for links shown to support. */
  temporalUi?: string;
  temporalNamespace?: string;
  /** Opens the sealed copy of an item; the stream fails when the seal does not hold. */
  openSealed: OpenSealed;
  /** Opens the full links of a comment, and what is kept sealed for signing in. */
  secretBox: SecretSealer;
  /** Parts that /readyz asks, beside the database. */
  checks: Readonly<Record<string, HealthCheck>>;
  /** Routes of others, registered like ours. */
  modules?: readonly RouteModule[];
  /** Routers that see the untouched request, before anything reads its body. */
  mounts?: readonly Router[];
  /** Served after every route, e.g. the console; sets its own content security policy. */
  pages?: Router;
  limits?: Partial<RateLimits>;
  /** Number of proxies in front, for the address in the budget of refused sign-ins. */
  trustedProxies?: number;
  /** Times and costs of signing in that differ from the usual ones. */
  signIn?: Partial<SignInSettings>;
  /** The organisation's own identity provider; undefined: people sign in with passwords only. */
  oidc?: OidcSettings;
  checkAnswers?: boolean;
}

/** Builds the Express application; it does not listen. `routes` is what the document describes. */
export function createApp(deps: AppDeps): { app: Express; routes: Api['routes']; document: object } {
  const signIns = signInDeps(deps, deps.signIn);
  const { authenticate, callerOf } = createAuthentication(signIns);
  const limits = { ...DEFAULT_LIMITS, ...deps.limits };
  const api: Api = {
    registry: new OpenAPIRegistry(),
    router: Router({ caseSensitive: true }),
    routes: [],
    log: deps.log,
    guards: [limitFailedSignIns(limits), authenticate, limitKeys(limits, callerOf)],
    callerOf,
    checkAnswers: deps.checkAnswers ?? false,
  };
  for (const addRoutes of [...modulesOf(deps), ...signInModules(signIns, deps.oidc)]) addRoutes(api);
  const document = addDocument(api, deps);
  refuseOtherMethods(api);

  const app = express();
  app.disable('x-powered-by');
  app.set('trust proxy', deps.trustedProxies ?? 0);
  app.set('query parser', 'simple');
  app.use(requestLog(deps.log, callerOf), securityHeaders());
  for (const router of deps.mounts ?? []) app.use(router);
  app.use(api.router);
  if (deps.pages) app.use(deps.pages);
  app.use((_request, _response, next) => next(unknownRoute()));
  app.use(createErrorHandler(deps.log));
  return { app, routes: api.routes, document };
}

function modulesOf(deps: AppDeps): RouteModule[] {
  const { database } = deps;
  const ping: HealthCheck = async () => {
    await database.ping();
    return undefined;
  };
  return [
    healthRoutes({ database: ping, ...deps.checks }, () => readIsolation(database)),
    meRoutes(deps),
    organisationRoutes(deps),
    bundleRoutes(deps),
    policyRoutes(deps),
    policyTrialRoutes(deps),
    dashboardRoutes(deps),
    apiKeyRoutes(deps),
    scanRoutes(deps),
    scanViewRoutes(deps),
    verdictRoutes(deps),
    returnRoutes(deps),
    scanFileRoutes(deps),
    linkRoutes(deps),
    investigationRoutes(deps),
    claimRoutes(deps),
    decisionRoutes(deps),
    listRoutes(deps),
    engineRoutes(deps),
    auditRoutes(deps),
    ...(deps.modules ?? []),
  ];
}

function addDocument(api: Api, deps: AppDeps): object {
  api.registry.registerComponent('securitySchemes', 'apiKey', {
    type: 'http',
    scheme: 'bearer',
    description: 'An API key: lz_<role>_<43 characters>.',
  });
  api.registry.registerComponent('securitySchemes', 'session', {
    type: 'apiKey',
    in: 'cookie',
    name: sessionCookie(deps.publicUrl),
    description: `The session of a person (POST /api/v1/session). What changes something also needs the header ${CSRF_HEADER}.`,
  });
  let document: object = {};
  registerRoute(api, {
    method: 'get',
    path: '/api/openapi.json',
    operationId: 'getOpenApiDocument',
    summary: 'This document',
    tag: 'health',
    right: 'public',
    answers: { 200: { description: 'OpenAPI 3.1.', schema: z.looseObject({ openapi: z.string() }) } },
    handle: async () => ({ status: 200, body: document }),
  });
  document = createOpenApiDocument(api.registry, deps.publicUrl, deps.version);
  return document;
}

/** Every path that exists refuses the methods that it lacks with 405, not as if it did not exist. */
function refuseOtherMethods(api: Api): void {
  const methods = new Map<string, string[]>();
  for (const { path, method } of api.routes) methods.set(path, [...(methods.get(path) ?? []), method]);
  for (const [path, allowed] of methods) {
    api.router.all(path.replace(/\{(\w+)\}/gu, ':$1'), (_request, _response, next) => next(wrongMethod(allowed)));
  }
}
