import { execFileSync } from 'node:child_process';

const through = (module: string, data: Buffer): Buffer =>
  execFileSync(
    'python3',
    ['-c', `import sys, ${module}; sys.stdout.buffer.write(${module}.compress(sys.stdin.buffer.read()))`],
    {
      input: data,
      maxBuffer: 64 * 1024 * 1024,
    },
  );

/** Node has no bzip2; python3 does. */
export function bzip2(data: Buffer): Buffer {
  return through('bz2', data);
}

/** Node has no xz; python3 does. */
export function xz(data: Buffer): Buffer {
  return through('lzma', data);
}
