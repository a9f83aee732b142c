import { loadConfig, requireDatabaseUrl } from '../../config/config';
import { ConfigError, readEnv } from '../../config/env';
import { loadSecrets } from '../../config/secrets';

const KEY = Buffer.alloc(32, 7).toString('base64');

function refusal(source: Record<string, string>): string {
  try {
    loadSecrets(readEnv(source));
    loadConfig(readEnv(source));
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('the environment', () => {
  it('gives documented defaults where nothing is set', () => {
    const config = loadConfig(readEnv({}));
    expect(config.ports).toEqual({ simulator: 8801, temporal: 7233, temporalUi: 8233, mail: 8825, mailUi: 8826 });
    expect(config.http).toEqual({ host: '127.0.0.1', port: 8800, publicUrl: undefined });
    expect(config.scanning).toMatchObject({ maxFileBytes: 52_428_800, children: 2, clamdAddress: undefined });
    expect(config).toMatchObject({
      heartbeatMs: 10_000,
      noteWindowMs: 2_000,
      taskQueue: 'lazaret',
      zendesk: { budgetShare: 0.6 },
    });
  });

  it('takes a variable that is set to nothing as not set', () => {
    expect(readEnv({ LAZARET_PORT: '  ', CLAMD_ADDRESS: '' })).toMatchObject({ LAZARET_PORT: 8800 });
  });

  it.each([
    ['LAZARET_PORT', '65536'],
    ['LAZARET_PORT', '-1'],
    ['MAIL_PORT', '80a'],
    ['LAZARET_PUBLIC_URL', 'https://lazaret.example.com/path'],
    ['LAZARET_PUBLIC_URL', 'ftp://lazaret.example.com'],
    ['ZENDESK_ADDRESS', 'http://user@127.0.0.1:1'],
    ['LAZARET_ZENDESK_BUDGET_SHARE', '0'],
    ['LAZARET_ZENDESK_BUDGET_SHARE', '1.5'],
    ['CLAMD_ADDRESS', '127.0.0.1:3310'],
    ['LAZARET_ICAP_URL', 'http://icap.example.com/scan'],
    ['LAZARET_CLAMD_MAX_DB_AGE', '0'],
    ['LAZARET_VIRUSTOTAL_UPLOAD', 'true'],
    ['LAZARET_REQUIRED_ENGINES', 'yara,../clamd'],
    ['LAZARET_LINK_FEEDS', '/var/lib/feed.csv'],
    ['LAZARET_LINK_FEEDS', 'a=/x,a=/y'],
    ['LAZARET_LINK_FEEDS', 'urlhaus=/x'],
    ['LAZARET_REQUIRED_LINK_ENGINES', 'webrisk;urlhaus'],
    ['LAZARET_URLHAUS_URL', 'http://urlhaus.example.com'],
    ['LAZARET_FOLLOW_REDIRECTS', 'on'],
    ['LAZARET_OIDC_ISSUER', 'http://login.example.com'],
    ['LAZARET_OIDC_ISSUER', 'https://user@login.example.com'],
    ['LAZARET_OIDC_ROLES', '[]'],
    ['LAZARET_OIDC_ROLES', '[{"claim":"groups","value":"a","role":"admin"}]'],
    ['LAZARET_OIDC_HOSTS', 'https://keys.example.com'],
    ['LAZARET_LOG_LEVEL', 'verbose'],
    ['LAZARET_HEARTBEAT_MS', '10s'],
    ['MAIL_FROM', 'Lazaret <a@b.c>\r\nBcc: x@y.z'],
  ])('refuses %s=%j in one sentence that names it, what came and what to do', (name, value) => {
    const message = refusal({ LAZARET_MASTER_KEYS: `a:${KEY}`, [name]: value });
    expect(message).toContain(`${name} is ${JSON.stringify(value)}, which cannot be used: set it to `);
    expect(message.split('\n')).toHaveLength(1);
  });

  it('names every wrong variable at once', () => {
    expect(refusal({ LAZARET_PORT: 'x', SIMULATOR_PORT: 'y' }).split('\n')).toHaveLength(2);
  });

  it.each([
    ['DATABASE_URL', 'mysql://app:hunter2@db/x'],
    ['SMTP_URL', 'http://user:hunter2@mail'],
    ['LAZARET_MASTER_KEYS', 'a:hunter2'],
    ['LAZARET_HTTP_SCANNER_SECRETS', '{"box":hunter2}'],
    ['LAZARET_VIRUSTOTAL_KEY', 'hunter2 hunter2'],
    ['LAZARET_WEB_RISK_KEY', 'hunter2 hunter2'],
    ['LAZARET_ABUSE_CH_KEY', 'hunter2'],
  ])('refuses a wrong %s without repeating it', (name, value) => {
    const message = refusal({ LAZARET_MASTER_KEYS: `a:${KEY}`, [name]: value });
    expect(message).toContain(`${name} is a secret of ${value.length} characters`);
    expect(message).not.toContain('hunter2');
  });

  it('refuses an OAuth client without its secret', () => {
    expect(refusal({ LAZARET_MASTER_KEYS: `a:${KEY}`, ZENDESK_CLIENT_ID: 'lazaret' })).toContain('belong together');
  });

  it('refuses two keys for the same lists', () => {
    const keys = { LAZARET_WEB_RISK_KEY: '12345678', LAZARET_SAFE_BROWSING_KEY: '12345678' };
    expect(refusal({ LAZARET_MASTER_KEYS: `a:${KEY}`, ...keys })).toMatch(/set one of them only/);
  });

  it('reads where lists of bad links lie, and which link engines must answer', () => {
    const feeds = { LAZARET_LINK_FEEDS: 'a=/x/a.csv, b-2=/y', LAZARET_REQUIRED_LINK_ENGINES: 'none' };
    expect(loadConfig(readEnv(feeds)).links).toMatchObject({
      feeds: [
        { name: 'a', path: '/x/a.csv' },
        { name: 'b-2', path: '/y' },
      ],
      requiredEngines: [],
      followRedirects: false,
    });
    expect(loadConfig(readEnv({})).links).toMatchObject({ feeds: [], requiredEngines: undefined });
  });

  it('says which variable is needed where the database is not given', () => {
    expect(() => requireDatabaseUrl(loadConfig(readEnv({})))).toThrow(/^DATABASE_URL is not set: give /);
  });
});

describe('master keys', () => {
  it('keeps the order, the current one first', () => {
    const { masterKeys } = loadSecrets(
      readEnv({ LAZARET_MASTER_KEYS: `new:${KEY}, old:${Buffer.alloc(32, 9).toString('base64')}` }),
    );
    expect(masterKeys.map((key) => [key.id, key.key[0]])).toEqual([
      ['new', 7],
      ['old', 9],
    ]);
  });

  it.each([`a:${Buffer.alloc(31).toString('base64')}`, `a:${KEY},a:${KEY}`, KEY, `a b:${KEY}`, `a:${KEY},`])(
    'refuses %j',
    (text) => {
      expect(refusal({ LAZARET_MASTER_KEYS: text })).toMatch(/^LAZARET_MASTER_KEYS is a secret/);
    },
  );

  it('is asked for where none is given', () => {
    expect(refusal({})).toMatch(/^LAZARET_MASTER_KEYS is not set: give /);
  });
});

describe('an identity provider', () => {
  const whole = {
    LAZARET_OIDC_ISSUER: 'https://login.example.com/realms/desk',
    LAZARET_OIDC_CLIENT_ID: 'lazaret',
    LAZARET_OIDC_CLIENT_SECRET: 'a secret',
    LAZARET_OIDC_ROLES: '[{"claim":"groups","value":"soc","role":"analyst"}]',
  };

  it('is read with its roles, and links no accounts unless told to', () => {
    expect(loadConfig(readEnv(whole)).oidc).toEqual({
      issuer: 'https://login.example.com/realms/desk',
      clientId: 'lazaret',
      roles: [{ claim: 'groups', value: 'soc', role: 'analyst' }],
      hosts: [],
      linkAccounts: false,
    });
  });

  it.each(Object.keys(whole))('is refused without %s', (name) => {
    expect(refusal({ LAZARET_MASTER_KEYS: `a:${KEY}`, ...whole, [name]: '' })).toContain('set all four or none');
  });
});
