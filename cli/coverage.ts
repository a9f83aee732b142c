/**
 * `npm run coverage -- [--json]`: how complete the ledger of every live connection is, measured by what the help desk
 * itself lists. Exit status: 0 everything is accounted for, 1 something is not, 3 wrong usage.
 */
import { loadConfig, requireDatabaseUrl } from '../config/config';
import { listLiveConnections } from '../db/connections';
import { isComplete, readCoverage } from '../db/coverage-report';
import type { CoverageReport } from '../db/coverage-report';
import { openDatabase } from '../db/pool';
import { runCommand } from './run-command';

const USAGE = 'usage: npm run coverage -- [--json]\n';

async function main(args: readonly string[]): Promise<number> {
  const json = args[0] === '--json';
  if (args.length > (json ? 1 : 0)) {
    process.stderr.write(`${USAGE}There are no other arguments: every live connection is told of.\n`);
    return 3;
  }
  const database = openDatabase(requireDatabaseUrl(loadConfig()), { size: 1 });
  try {
    let complete = true;
    for (const { id, subdomain, state } of await database.withService(listLiveConnections)) {
      const report = await database.withService((db) => readCoverage(db, id));
      complete &&= isComplete(report);
      const line = { connectionId: id, subdomain, state, complete: isComplete(report), ...report };
      process.stdout.write(json ? `${JSON.stringify(line)}\n` : asText(subdomain, state, report));
    }
    return complete ? 0 : 1;
  } finally {
    await database.close();
  }
}

function asText(subdomain: string, state: string, report: CoverageReport): string {
  const { listed, accounted, passedUntil, oldestOpen, gaps, problem } = report;
  const part = (name: keyof typeof listed, word: string): string => `  ${accounted[name]} of ${listed[name]} ${word}\n`;
  const open = gaps.filter((gap) => gap.healedAt === null);
  return [
    `${subdomain} (${state}): ${isComplete(report) ? 'everything that Zendesk lists is accounted for' : 'not complete'}\n`,
    part('comments', 'comments'),
    part('attachments', 'attachments'),
    part('texts', 'texts that may hold links'),
    `  compared until ${passedUntil?.toISOString() ?? 'never'}${problem === null ? '' : `, then ${problem}`}\n`,
    oldestOpen
      ? `  longest under way: ${oldestOpen.itemId}, ${oldestOpen.state} since ${oldestOpen.since.toISOString()}\n`
      : '',
    ...open.map((gap) => `  gap: ${gap.cause}, ${gap.beginsAt.toISOString()} to ${gap.endsAt.toISOString()}\n`),
  ].join('');
}

runCommand(() => main(process.argv.slice(2)), 2);
