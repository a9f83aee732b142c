/** A made-up piece under a name. */
export type Piece = [name: string, data: Buffer | string];

/** For every rule one piece that must match, and one that looks like it and must not. More of either kind may follow. */
export type RuleCases = Record<string, { match: Piece; miss: Piece; more?: Piece[]; alsoMiss?: Piece[] }>;

/** Takes the tildes out: no scanner shall take these files for what they test. */
export const t = (text: string): string => text.replaceAll('~', '');

/** The head of a Windows program. */
export function pe(...contents: (string | Buffer)[]): Buffer {
  const head = Buffer.alloc(512);
  head.write('MZ');
  head.writeUInt32LE(128, 0x3c);
  head.write('PE\0\0', 128);
  return Buffer.concat([head, ...contents.map((content) => Buffer.from(content))]);
}

/** The head of a Linux program. */
export function elf(...contents: string[]): Buffer {
  return Buffer.concat([
    Buffer.from('7f454c4602010100', 'hex'),
    Buffer.alloc(200),
    ...contents.map((c) => Buffer.from(c)),
  ]);
}

/** A shortcut with a command in it. */
export function lnk(command: string): Buffer {
  const head = Buffer.from('4c0000000114020000000000c000000000000046', 'hex');
  return Buffer.concat([head, Buffer.alloc(60), Buffer.from(command, 'utf16le')]);
}

/** A PDF with one object. */
export function pdfWith(body: string): string {
  return `%PDF-1.4\n1 0 obj\n${body}\nendobj\ntrailer\n<< /Root 1 0 R >>\n%%EOF\n`;
}

/** A page with a script in it. */
export function page(script: string, body = ''): string {
  return `<!doctype html><html><head><title>x</title></head><body>${body}<script>${script}</script></body></html>`;
}
