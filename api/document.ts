import { createApp } from './create-app';
import { createClockWatch } from './hook-clock';
import { productModules } from './modules';

/**
 * The OpenAPI document of the whole product, made without database, Temporal or a port: the console's types are
 * generated from it. Routes are registered as ever and never called, so every part refuses to be used.
 */
export function describeApi(publicUrl: string, version: string): object {
  const parts = {
    database: absent('the database'),
    log: { info: () => undefined, warn: () => undefined, error: () => undefined },
    clock: () => new Date(),
    publicUrl,
    mailDomain: 'localhost',
    secretBox: absent('the secret box'),
    transport: absent('the transport to Zendesk'),
    startWorkflow: async () => refuse('the workflow starter'),
  };
  const scanFeed = absent('the feed of changes');
  const sidebar = { maySee: async () => refuse('the help desk'), files: { script: '', style: '' } };
  const openSealed = async () => refuse('the sealed store');
  const structures = absent('the viewer of structures');
  const clocks = createClockWatch(parts.clock);
  const modules = productModules(parts, { ...parts, scanFeed, clocks, openSealed, structures, sidebar });
  return createApp({ ...parts, version, openSealed, checks: {}, modules }).document;
}

function absent(what: string): never {
  const refuser = new Proxy({}, { get: () => () => refuse(what) });
  // Nothing of it is ever used: the type of every part holds, and a use would be refused.
  return refuser as never;
}

function refuse(what: string): never {
  throw new Error(`${what} is not there while the API is only described`);
}
