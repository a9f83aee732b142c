import createSevenZip from '7z-wasm';

/** Formats that 7-Zip writes. */
export type Format = '7z' | 'bzip2' | 'gzip' | 'tar' | 'wim' | 'xz' | 'zip';

/** Packs one file with 7-Zip, at run time. `extra` are its own switches, such as `-psecret`. */
export async function pack(format: Format, name: string, data: Buffer, ...extra: string[]): Promise<Buffer> {
  const seven = await createSevenZip({ print: () => undefined, printErr: () => undefined });
  seven.FS.writeFile(`/${name}`, data);
  seven.callMain(['a', `-t${format}`, '-mx=1', ...extra, '/packed', `/${name}`]);
  const made = seven.FS.readdir('/').find((entry) => entry.startsWith('packed'));
  if (!made) throw new Error(`7-Zip made no ${format}`);
  return Buffer.from(seven.FS.readFile(`/${made}`));
}
