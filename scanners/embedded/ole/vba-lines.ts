/** Before the table of lines: a mark and a version, then how many lines there are (module stream, seen in files of Office 97 to 2016). */
const MARK = Buffer.from([0xfe, 0xca, 0x01, 0x00]);
const LINE_BYTES = 12;

/** Lines of code that the compiled form of a module has; undefined where it has no table of them. */
export function compiledLines(compiled: Buffer): number | undefined {
  for (let at = compiled.indexOf(MARK); at >= 0 && at + 6 <= compiled.length; at = compiled.indexOf(MARK, at + 1)) {
    const lines = compiled.readUInt16LE(at + 4);
    if (at + 6 + lines * LINE_BYTES <= compiled.length) return lines;
  }
  return undefined;
}

/** Lines of a module's text as they are compiled: without its attributes, those joined that go on behind an underscore. */
export function sourceLines(text: string): number {
  const lines = text.split(/\r\n|\r|\n/).filter((line) => !/^\s*Attribute /i.test(line));
  const joined = lines.filter((_line, index) => index === 0 || !/[ \t]_[ \t]*$/.test(lines[index - 1] ?? ''));
  return joined.length - (lines.at(-1) === '' ? 1 : 0);
}
