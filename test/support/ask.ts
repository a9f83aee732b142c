/** Asks jest's main process for a shared server; starts it where nobody asked before. */
export async function askServices(name: 'postgres' | 'temporal'): Promise<unknown> {
  const url = process.env['LAZARET_TEST_SERVICES'];
  if (url === undefined) throw new Error('jest.config.js must name test/support/global-setup.ts as globalSetup');
  const response = await fetch(`${url}/${name}`);
  if (!response.ok) throw new Error(`${name} for tests did not start:\n${await response.text()}`);
  return response.json();
}
