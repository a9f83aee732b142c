import { loadClientConnectConfig } from '@temporalio/envconfig';
import { DefaultLogger, Runtime } from '@temporalio/worker';
import { loadConfig } from '../config/config';
import { createLogger } from '../config/logger';
import { loadSecrets } from '../config/secrets';
import { startWorker } from './compose';

/** Runs one worker until SIGTERM or SIGINT; prints one line of JSON when it polls. */
async function main(): Promise<void> {
  const config = loadConfig();
  const log = createLogger({ level: config.logLevel, name: 'worker' });
  // Ours is the one line on standard output; Temporal's own lines go to standard error.
  Runtime.install({
    logger: new DefaultLogger('WARN', (entry) => process.stderr.write(`${entry.level} ${entry.message}\n`)),
  });
  const { connectionOptions, namespace } = loadClientConnectConfig();
  const { publicUrl } = config.http;
  const { smtpUrl } = config.email;
  if (publicUrl === undefined)
    throw new Error('LAZARET_PUBLIC_URL is not set: give the origin under which people reach Lazaret.');
  if (smtpUrl === undefined)
    throw new Error('SMTP_URL is not set: give the mail server, e.g. smtps://user:password@mail.example.');
  const running = await startWorker({
    config,
    secrets: loadSecrets(),
    publicUrl,
    smtpUrl,
    log,
    temporal: { connection: connectionOptions, namespace: namespace ?? 'default' },
  });
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void running.shutdown());
  // Started by `npm start`: a worker without it would go on unseen. Fires only where there is such a channel.
  process.once('disconnect', () => void running.shutdown());
  // Listening alone would keep the process alive after its work has ended.
  process.channel?.unref();
  process.stdout.write(`${JSON.stringify({ ready: true, role: 'worker' })}\n`);
  await running.finished;
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
