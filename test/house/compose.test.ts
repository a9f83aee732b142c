import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Ajv2020 from 'ajv/dist/2020';
import addFormats from 'ajv-formats';
import { parse } from 'yaml';
import { SEARCH_ATTRIBUTES } from '../../embedded/temporal';

const root = join(__dirname, '../..');
const read = (path: string) => readFileSync(join(root, path), 'utf8');

interface Service {
  networks?: string[];
  ports?: string[];
  env_file?: string;
  environment?: Record<string, string>;
  volumes?: string[];
  privileged?: boolean;
  read_only?: boolean;
  healthcheck?: object;
  depends_on?: Record<string, { condition: string }>;
}

interface Compose {
  services: Record<string, Service>;
  networks: Record<string, { internal?: boolean } | null>;
}

const compose = parse(read('docker-compose.yml'), { merge: true }) as Compose;
const services = Object.entries(compose.services);
const ajv = new Ajv2020({ strict: false, allErrors: true });
addFormats(ajv);
const validate = ajv.compile(JSON.parse(read('test/fixtures/compose/compose-spec.json')) as object);

describe('docker-compose.yml', () => {
  it('is what the Compose Specification allows', () => {
    validate(compose);
    expect(validate.errors ?? []).toEqual([]);
  });

  it('would be refused with an unknown key', () => {
    expect(validate({ services: { api: { image: 'x', heathcheck: {} } } })).toBe(false);
  });

  it('publishes ports on loopback only', () => {
    const published = services.flatMap(([, service]) => service.ports ?? []);
    expect(published.length).toBeGreaterThan(0);
    expect(published.filter((port) => !port.startsWith('127.0.0.1:'))).toEqual([]);
  });

  it('keeps databases and Temporal off every network that leads outside', () => {
    expect(compose.networks['back']).toEqual({ internal: true });
    for (const name of ['postgres', 'temporal', 'temporal-schema', 'temporal-namespace', 'migrate']) {
      expect([name, compose.services[name]?.networks]).toEqual([name, ['back']]);
    }
  });

  it('gives the owner of the database to migrations only', () => {
    for (const name of ['api', 'worker']) expect(compose.services[name]?.environment?.['DATABASE_OWNER_URL']).toBe('');
    expect(compose.services['migrate']?.environment?.['DATABASE_OWNER_URL']).toBeUndefined();
  });

  it('holds no secret itself', () => {
    const set = services.flatMap(([, { environment }]) => Object.entries(environment ?? {}));
    expect(set.filter(([key, value]) => /PASSWORD|PWD|SECRET|KEY|_URL$/.test(key) && value !== '')).toEqual([]);
  });

  it('waits for parts that exist, by a condition that they can meet', () => {
    for (const [name, { depends_on: needed }] of services) {
      for (const [other, { condition }] of Object.entries(needed ?? {})) {
        expect([name, other in compose.services]).toEqual([name, true]);
        if (condition === 'service_healthy')
          expect([other, compose.services[other]?.healthcheck]).not.toEqual([other, undefined]);
      }
    }
  });

  it('mounts files that are there, and asks for env files that have an example', () => {
    const mounted = services.flatMap(([, { volumes }]) => volumes ?? []).filter((volume) => volume.startsWith('./'));
    for (const path of mounted.map((volume) => volume.split(':')[0] ?? ''))
      expect([path, existsSync(join(root, path))]).toEqual([path, true]);
    const wanted = services.flatMap(([, { env_file: file }]) => file ?? []);
    for (const file of wanted) expect([file, existsSync(join(root, `${file}.example`))]).toEqual([file, true]);
  });

  it('makes clamd tell what it did not look into', () => {
    expect(read('docker/clamd.conf')).toMatch(/^AlertExceedsMax yes$/m);
    expect(read('docker/clamd.conf')).toMatch(/^AlertEncrypted yes$/m);
    const megabytes = Number(/^StreamMaxLength (\d+)M$/m.exec(read('docker/clamd.conf'))?.[1]);
    expect(megabytes).toBeGreaterThan(50);
  });

  it('registers the search attributes that the development server has', () => {
    const names = /for name in (.+); do/.exec(read('docker/temporal-namespace.sh'))?.[1]?.split(' ');
    expect(names).toEqual(Object.keys(SEARCH_ATTRIBUTES));
  });
});
