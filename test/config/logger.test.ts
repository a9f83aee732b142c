import { createLogger } from '../../config/logger';

function written(write: (logger: ReturnType<typeof createLogger>) => void): string {
  const lines: string[] = [];
  write(createLogger({ name: 'test', level: 'debug', destination: { write: (line) => void lines.push(line) } }));
  for (const line of lines) JSON.parse(line);
  return lines.join('');
}

describe('the log', () => {
  it('is one JSON object per line with ids', () => {
    const line = JSON.parse(written((logger) => logger.info({ scanId: '01J', ticketId: '7' }, 'scanned'))) as object;
    expect(line).toMatchObject({ level: 'info', name: 'test', msg: 'scanned', scanId: '01J', ticketId: '7' });
  });

  it.each([
    ['authorization headers', { req: { headers: { Authorization: 'Bearer hunter2' } } }],
    ['tokens at any depth', { a: { b: { c: [{ refresh_token: 'hunter2' }] } } }],
    ['names of files', { attachment: { file_name: 'hunter2.pdf' } }],
    ['addresses in fields', { email: 'hunter2@example.com' }],
    ['addresses in other texts', { reason: 'mail to hunter2@example.com failed' }],
    ['bearer tokens in other texts', { detail: 'sent Bearer hunter2.abc' }],
    ['query strings', { link: 'https://x.example/reset?token=hunter2' }],
    ['passwords in connection strings', { detail: 'connect postgres://app:hunter2@127.0.0.1:5432/x' }],
    ['bytes', { data: Buffer.from('hunter2') }],
  ])('masks %s', (_what, fields) => {
    expect(written((logger) => logger.warn(fields, 'something'))).not.toContain('hunter2');
  });

  it('masks in messages and in errors with their causes', () => {
    const cause = Object.assign(new Error('no mailbox hunter2@example.com'), { response: { body: 'hunter2' } });
    const text = written((logger) => {
      logger.error({ err: new Error('failed', { cause }) }, 'for hunter2@example.com');
      logger.error(cause);
    });
    expect(text).not.toContain('hunter2');
    expect(text).toContain('no mailbox [e-mail]');
    expect(text).toContain('"stack"');
  });

  it('survives an object that contains itself', () => {
    const loop: Record<string, unknown> = { id: 1 };
    loop['self'] = loop;
    expect(written((logger) => logger.info({ loop }, 'looped'))).toContain('[deep]');
  });
});
