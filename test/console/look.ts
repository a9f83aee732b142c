import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { until } from '../../embedded/lazaret-client';

const SCREENSHOTS = process.env['LAZARET_SCREENSHOTS'] ?? join(__dirname, '../../.lazaret/screenshots');
const AXE = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

/** Takes a picture in both appearances and asks axe about each; returns what axe found. */
export async function look(page: Page, name: string): Promise<string[]> {
  mkdirSync(SCREENSHOTS, { recursive: true });
  const found: string[] = [];
  for (const scheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
    await untilColours(page, scheme);
    await page.screenshot({ path: join(SCREENSHOTS, `${name}-${scheme}.png`), fullPage: true });
    // Evaluated by the debugger, which the content security policy of the page does not bind.
    await page.evaluate(AXE);
    const violations = await page.evaluate(async () => {
      const { axe } = globalThis as unknown as {
        axe: { run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> };
      };
      return (await axe.run()).violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' ')}`);
    });
    found.push(...violations.map((violation) => `${name}, ${scheme}: ${violation}`));
  }
  return found;
}

/** Waits until a page has the colours of this appearance. */
export async function untilColours(page: Page, scheme: 'light' | 'dark'): Promise<void> {
  await until(`${scheme} colours`, async () => {
    // A string, for the types of browsers are not those of tests.
    const red = await page.evaluate<number>('Number(/[0-9]+/.exec(getComputedStyle(document.body).color)[0])');
    return red > 128 === (scheme === 'dark') ? true : undefined;
  });
}

/** Keeps what a page looked like when a test failed. */
export async function lastLook(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: join(SCREENSHOTS, `${name}.png`) });
}
