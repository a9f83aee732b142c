/** An ar archive of `parts`, each under its name as the header shall hold it. `pad` is what fills up to even places. */
export function ar(parts: readonly (readonly [string, Buffer])[], pad = '\n'): Buffer {
  return Buffer.concat([Buffer.from('!<arch>\n'), ...parts.flatMap(([name, data]) => member(name, data, pad))]);
}

/** One member: header, bytes, padding. `size` is what its header says. */
export function member(name: string, data: Buffer, pad = '\n', size = String(data.length)): Buffer[] {
  const fields = [name.padEnd(16), '0'.padEnd(12), '0'.padEnd(6), '0'.padEnd(6), '100644'.padEnd(8), size.padEnd(10)];
  return [Buffer.from(`${fields.join('')}\`\n`), data, Buffer.from(data.length % 2 === 1 ? pad : '')];
}
