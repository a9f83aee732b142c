// A real worker whose steps can be watched and which kills itself at one of them, once. Started by test/support/lazaret.ts.
const { appendFileSync, existsSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');
const { Runtime, DefaultLogger } = require('@temporalio/worker');
const { loadClientConnectConfig } = require('@temporalio/envconfig');
const dist = (name) => require(join(__dirname, '..', '..', 'dist', name));
const { loadConfig } = dist('config/config.js');
const { loadSecrets } = dist('config/secrets.js');
const { createLogger } = dist('config/logger.js');
const { startWorker } = dist('worker/compose.js');

const { killAt, directory, waits } = JSON.parse(process.argv[2]);

async function checkpoint(step) {
  appendFileSync(join(directory, 'steps'), `${step}\n`);
  const mark = join(directory, `killed-${step}`);
  if (step !== killAt || existsSync(mark)) return;
  writeFileSync(mark, '');
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
  process.stdout.write('{"ready":true}\n');
  await running.finished;
}

main().catch((error) => {
  process.stderr.write(`${error.stack}\n`);
  process.exitCode = 1;
});
