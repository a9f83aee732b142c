// A real worker whose steps can be watched and which kills itself at one of them, once. Started by test/support/lazaret.ts.
const { appendFileSync, existsSync, readFileSync, rmSync } = require('node:fs');
const { join } = require('node:path');
const { Runtime, DefaultLogger } = require('@temporalio/worker');
const { loadClientConnectConfig } = require('@temporalio/envconfig');
const dist = (name) => require(join(__dirname, '..', '..', 'dist', name));
const { loadConfig } = dist('config/config.js');
const { loadSecrets } = dist('config/secrets.js');
const { createLogger } = dist('config/logger.js');
const { startWorker } = dist('worker/compose.js');

const { directory, waits } = JSON.parse(process.argv[2]);
const order = join(directory, 'kill-at');

async function checkpoint(step) {
  appendFileSync(join(directory, 'steps'), `${step}\n`);
  if (!existsSync(order) || readFileSync(order, 'utf8') !== step) return;
  // Once: the run that replaces this one passes the same step.
  rmSync(order);
  appendFileSync(join(directory, 'killed'), `${step}\n`);
  process.kill(process.pid, 'SIGKILL');
  await new Promise(() => undefined);
}

async function main() {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  const config = loadConfig();
  const { connectionOptions, namespace } = loadClientConnectConfig();
  const running = await startWorker({
    config,
    secrets: loadSecrets(),
    publicUrl: config.http.publicUrl,
    smtpUrl: config.email.smtpUrl,
    log: createLogger({ level: config.logLevel, name: 'worker' }),
    temporal: { connection: connectionOptions, namespace },
    waits,
    checkpoint,
  });
  process.once('SIGTERM', () => void running.shutdown());
  // A test run that was killed must leave nothing behind.
  process.once('disconnect', () => process.exit(0));
  process.channel?.unref();
  process.stdout.write('{"ready":true}\n');
  await running.finished;
}

main().catch((error) => {
  process.stderr.write(`${error.stack}\n`);
  process.exitCode = 1;
});
