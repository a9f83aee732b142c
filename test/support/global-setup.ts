import { openServices } from './services';
import type { Services } from './services';

declare global {
  var lazaretTestServices: Services | undefined;
}

export default async function setUp(): Promise<void> {
  globalThis.lazaretTestServices = await openServices();
  process.env['LAZARET_TEST_SERVICES'] = globalThis.lazaretTestServices.url;
}
