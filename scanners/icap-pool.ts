import { createConnection, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { IcapAddress, IcapReply } from './icap-protocol';
import { IcapReader } from './icap-reader';

/** Shorter than any service's own bound that we know of, so that it is we who close. */
const IDLE_MS = 20_000;
const CHUNK_END = Buffer.from('\r\n');

/** One connection: any number of exchanges, one after the other. */
export class IcapConnection {
  /** It carried an exchange before: the service may have closed it meanwhile. */
  used = false;
  private readonly socket: Socket;
  private reader: IcapReader | undefined;
  private settle: (reply: IcapReply | undefined) => void = () => undefined;

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', (chunk: Buffer) => this.hear(chunk));
    socket.on('error', () => undefined);
    socket.on('close', () => this.settle(undefined));
  }

  get open(): boolean {
    return !this.socket.destroyed && this.socket.writable;
  }

  /** Listens for one reply. Undefined: the connection ended first, or what came was no reply. */
  reply(maxBodyBytes: number): Promise<IcapReply | undefined> {
    this.reader = new IcapReader(maxBodyBytes);
    return new Promise((resolve) => {
      this.settle = resolve;
      if (this.socket.destroyed) resolve(undefined);
    });
  }

  /** Resolves when the system took the bytes; rejects when the connection ended. */
  write(...parts: Buffer[]): Promise<void> {
    return new Promise((resolve, reject) => {
      this.socket.cork();
      parts.forEach((part, index) => {
        const done = (error?: Error | null): void => (error ? reject(error) : resolve());
        this.socket.write(part, index === parts.length - 1 ? done : undefined);
      });
      this.socket.uncork();
    });
  }

  /** Whether the connection keeps the process alive and how long it may be silent. */
  idle(expire: () => void): void {
    this.used = true;
    this.socket.setTimeout(IDLE_MS, expire);
    this.socket.unref();
    this.socket.once('close', expire);
  }

  wake(expire: () => void): void {
    this.socket.setTimeout(0);
    this.socket.off('timeout', expire);
    this.socket.off('close', expire);
    this.socket.ref();
  }

  destroy(): void {
    this.socket.destroy();
  }

  private hear(chunk: Buffer): void {
    try {
      // Bytes that nobody asked for: the next reply could not be told from them.
      if (!this.reader) throw new Error('bytes between exchanges');
      const reply = this.reader.push(chunk);
      if (!reply) return;
      this.reader = undefined;
      this.settle(reply);
    } catch {
      this.socket.destroy();
    }
  }
}

/** A piece of a body as a chunk (RFC 9112 7.1). An empty one ends the body. */
export function chunkOf(piece: Buffer): Buffer[] {
  const size = Buffer.from(`${piece.length.toString(16)}\r\n`);
  return piece.length === 0 ? [size, CHUNK_END] : [size, piece, CHUNK_END];
}

export interface IcapPoolOptions {
  address: IcapAddress;
  timeoutMs: number;
  /** Certificates (PEM) trusted instead of the system's. */
  ca?: string;
}

/** Connections kept between files. How many are in use is bounded by whoever takes them. */
export class IcapPool {
  private readonly idle = new Map<IcapConnection, () => void>();
  private readonly options: IcapPoolOptions;
  private closed = false;

  constructor(options: IcapPoolOptions) {
    this.options = options;
  }

  /** @param fresh never one that was used before */
  async take(fresh = false): Promise<IcapConnection> {
    for (const [connection, expire] of fresh ? [] : [...this.idle].reverse()) {
      this.idle.delete(connection);
      connection.wake(expire);
      if (connection.open) return connection;
    }
    return new IcapConnection(await this.connect());
  }

  /** Keeps it for the next file, unless its service said that it closes. */
  giveBack(connection: IcapConnection, reply: IcapReply): void {
    const ends = /\bclose\b/i.test(reply.headers.get('connection') ?? '') || ![200, 204].includes(reply.status);
    if (ends || this.closed || !connection.open) return connection.destroy();
    const expire = (): void => {
      this.idle.delete(connection);
      connection.destroy();
    };
    this.idle.set(connection, expire);
    connection.idle(expire);
  }

  close(): void {
    this.closed = true;
    for (const connection of this.idle.keys()) connection.destroy();
    this.idle.clear();
  }

  private connect(): Promise<Socket> {
    const { address, timeoutMs, ca } = this.options;
    const { host, port, tls } = address;
    return new Promise((resolve, reject) => {
      const name = isIP(host) === 0 ? { servername: host } : {};
      const socket = tls ? connectTls({ host, port, ...name, ...(ca && { ca }) }) : createConnection({ host, port });
      const timer = setTimeout(() => socket.destroy(new Error('the ICAP service does not answer')), timeoutMs);
      socket.once('error', reject);
      socket.once('close', () => {
        clearTimeout(timer);
        reject(new Error('the ICAP service closed the connection'));
      });
      socket.once(tls ? 'secureConnect' : 'connect', () => {
        clearTimeout(timer);
        socket.off('error', reject);
        socket.setNoDelay(true);
        resolve(socket);
      });
    });
  }
}
