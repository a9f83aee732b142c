import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, posix, relative, sep } from 'node:path';
import { Router } from 'express';
import type { Request, Response } from 'express';

/** An empty style element may be there, for styled-components fills it through the CSSOM; a filled one may not. */
const EMPTY_STYLE = `'sha256-${createHash('sha256').update('').digest('base64')}'`;

/** What the console may do: its own scripts, styles and pictures, questions to its own origin, nothing else. */
export const CONSOLE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  `style-src 'self' ${EMPTY_STYLE}`,
  "img-src 'self'",
  "font-src 'self'",
  "connect-src 'self'",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join('; ');

/** Addresses that are never a page of the console, whether or not a route answers them. */
const NOT_PAGES = /^\/(?:api|app|hooks|activation|oauth|healthz|readyz|metrics|assets)(?:\/|$)/iu;
const ENCODINGS = { br: '.br', gzip: '.gz' } as const;

interface ConsoleFile {
  type: string;
  etag: string;
  identity: Buffer;
  packed: Partial<Record<keyof typeof ENCODINGS, Buffer>>;
}

/**
 * Serves the built console: its files by name, and its page for every deep link. Everything is read once, at start.
 * @throws Error naming the directory and the command when the console was not built
 */
export function createConsoleFiles(directory: string): Router {
  const files = readFiles(directory);
  const index = files.get('/index.html');
  if (!index) throw new Error(`${directory} holds no console: run "npm run build" first.`);
  const router = Router({ caseSensitive: true });
  router.get(/.*/u, (request, response, next) => {
    const file = files.get(request.path);
    if (file && file !== index) {
      const hashed = request.path.startsWith('/assets/');
      return send(request, response, file, hashed ? 'public, max-age=31536000, immutable' : 'no-cache');
    }
    if (!isPage(request)) return next();
    return send(request, response, index, 'no-store');
  });
  return router;
}

function isPage(request: Request): boolean {
  const { path } = request;
  return !NOT_PAGES.test(path) && !posix.basename(path).includes('.') && request.accepts('html') !== false;
}

function send(request: Request, response: Response, file: ConsoleFile, caching: string): void {
  const wanted = request.acceptsEncodings(['br', 'gzip', 'identity']);
  const packed = wanted === 'br' || wanted === 'gzip' ? file.packed[wanted] : undefined;
  response.set({
    'cache-control': caching,
    'content-security-policy': CONSOLE_POLICY,
    etag: packed ? `"${file.etag}-${String(wanted)}"` : `"${file.etag}"`,
    vary: 'accept-encoding',
    ...(packed && { 'content-encoding': String(wanted) }),
  });
  response.type(file.type).send(packed ?? file.identity);
}

function readFiles(directory: string): Map<string, ConsoleFile> {
  const files = new Map<string, ConsoleFile>();
  if (!existsSync(directory)) return files;
  for (const entry of readdirSync(directory, { withFileTypes: true, recursive: true })) {
    const path = join(entry.parentPath, entry.name);
    const name = `/${relative(directory, path).split(sep).join('/')}`;
    // What the build says about itself is for us, not for browsers.
    if (!entry.isFile() || /\.(?:br|gz)$/u.test(name) || name.startsWith('/.') || name === '/weight.json') continue;
    files.set(name, readConsoleFile(path));
  }
  return files;
}

function readConsoleFile(path: string): ConsoleFile {
  const identity = readFileSync(path);
  const etag = createHash('sha256').update(identity).digest('base64url').slice(0, 22);
  const packed: ConsoleFile['packed'] = {};
  for (const [encoding, ending] of Object.entries(ENCODINGS)) {
    if (existsSync(path + ending)) packed[encoding as keyof typeof ENCODINGS] = readFileSync(path + ending);
  }
  return { type: posix.extname(path) || 'bin', etag, identity, packed };
}
