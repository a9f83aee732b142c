/** A stand-in for an ICAP service that can give every wrong answer. */
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { createIcapEngine, type Engine, type IcapEngineOptions } from '../../scanners';
import { eicar } from '../scanners/samples';

/** Answers of a service in order. */
export const OPTIONS =
  'ICAP/1.0 200 OK\r\nMethods: RESPMOD\r\nService: Stand-in 1\r\nISTag: "tag-1"\r\nEncapsulated: null-body=0\r\n\r\n';
export const CLEAN = 'ICAP/1.0 204 Unmodified\r\nISTag: "tag-2"\r\n\r\n';
/** An answer whose headers say more. */
export const found = (headers: string): string => `ICAP/1.0 200 OK\r\n${headers}\r\nEncapsulated: null-body=0\r\n\r\n`;
export const INFECTED = found('X-Infection-Found: Type=0; Resolution=2; Threat=EICAR;');
const servers: Server[] = [];
const sockets = new Set<Socket>();
const engines: Engine[] = [];
/** The file and inner response as an answer with status 200. */
export function returned(body: Buffer | string, status = '200 OK', headers = ''): string {
  const head = `HTTP/1.1 ${status}\r\nContent-Type: text/plain\r\n\r\n`;
  const bytes = Buffer.from(body);
  const chunk = bytes.length === 0 ? '' : `${bytes.length.toString(16)}\r\n${bytes.toString('latin1')}\r\n`;
  return `ICAP/1.0 200 OK\r\n${headers}Encapsulated: res-hdr=0, res-body=${head.length}\r\n\r\n${head}${chunk}0\r\n\r\n`;
}

/** How the stand-in behaves; by default as an honest service. */
export interface StandIn {
  options?: string;
  /** What it says to files other than our samples, once it has them whole. */
  onFile?: (socket: Socket, body: Buffer, exchange: number) => void;
  /** What it does as soon as a request begins that is none of our samples. */
  onHead?: (socket: Socket) => void;
  /** What it says to harmless text and to EICAR inside something. */
  samples?: { clean?: string; bare?: string; inside?: string };
  tls?: { key: string; cert: string };
}

/** A server that speaks just enough ICAP to lie in every way. Counts its connections. */
export async function standIn(
  given: StandIn,
): Promise<{ address: string; connections: () => number; requests: string[] }> {
  let count = 0;
  const requests: string[] = [];
  const onSocket = (socket: Socket): void => {
    count += 1;
    sockets.add(socket);
    socket.on('error', () => undefined);
    let waiting = Buffer.alloc(0);
    let told = false;
    let exchange = 0;
    socket.on('data', (chunk: Buffer) => {
      waiting = Buffer.concat([waiting, chunk]);
      if (waiting.toString('latin1', 0, 7) === 'OPTIONS') {
        waiting = Buffer.alloc(0);
        return void socket.write(given.options ?? OPTIONS);
      }
      const head = bodyStart(waiting);
      if (head === undefined) return;
      const isSample = isOurs(waiting);
      if (!told && !isSample && waiting.length > head) {
        told = true;
        given.onHead?.(socket);
      }
      const body = unchunk(waiting.subarray(head));
      if (!body) return;
      requests.push(waiting.toString('latin1', 0, head));
      waiting = Buffer.alloc(0);
      told = false;
      if (isSample) return void socket.write(sampleAnswer(given, body), 'latin1');
      exchange += 1;
      given.onFile?.(socket, body, exchange);
    });
  };
  const server = given.tls ? createTlsServer(given.tls, onSocket) : createServer(onSocket);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const scheme = given.tls ? 'icaps' : 'icap';
  const host = given.tls ? 'localhost' : '127.0.0.1';
  const address = `${scheme}://${host}:${(server.address() as AddressInfo).port}/scan`;
  return { address, connections: () => count, requests };
}

/** One of the samples that the engine shows to a service. */
const isOurs = (request: Buffer): boolean =>
  ['EICAR', 'Lazaret looks', '/EmbeddedFile'].some((mark) => request.includes(mark));

function sampleAnswer({ samples = {} }: StandIn, body: Buffer): string {
  if (body.includes('Lazaret looks')) return samples.clean ?? CLEAN;
  return (body.equals(eicar()) ? samples.bare : samples.inside) ?? INFECTED;
}

/** Where the chunks begin: behind the ICAP head and the encapsulated heads. */
function bodyStart(request: Buffer): number | undefined {
  const end = request.indexOf('\r\n\r\n');
  const offset = /res-body=(\d+)/.exec(request.toString('latin1', 0, Math.max(0, end)))?.[1];
  return end < 0 || offset === undefined ? undefined : end + 4 + Number(offset);
}

function unchunk(data: Buffer): Buffer | undefined {
  const parts: Buffer[] = [];
  for (let at = 0; ;) {
    const end = data.indexOf('\r\n', at);
    if (end < 0) return undefined;
    const size = parseInt(data.toString('latin1', at, end), 16);
    if (size === 0) return data.length >= end + 4 ? Buffer.concat(parts) : undefined;
    parts.push(data.subarray(end + 2, end + 2 + size));
    at = end + 2 + size + 2;
  }
}

/** The engine before a stand-in; ended with it. */
export function engineAt(address: string, options: Partial<IcapEngineOptions> = {}): Engine {
  const engine = createIcapEngine({ address, timeoutMs: 2_000, ...options });
  engines.push(engine);
  return engine;
}

/** Gives this answer to every file. */
export const replies =
  (reply: string): NonNullable<StandIn['onFile']> =>
  (socket) =>
    void socket.write(reply, 'latin1');

/** Ends every engine, every stand-in and its connections. */
export async function stopStandIns(): Promise<void> {
  await Promise.all(engines.splice(0).map((engine) => engine.close()));
  for (const socket of sockets) socket.destroy();
  await Promise.all(servers.splice(0).map((server) => new Promise((resolve) => server.close(resolve))));
}
