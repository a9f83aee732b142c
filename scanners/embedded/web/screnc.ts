/**
 * The three alphabets of Microsoft's Script Encoder (`screnc`) for the bytes 20h to 7Fh, and the order in which they
 * take turns. Facts of the format, as published by its decoders.
 */
const ALPHABETS: readonly Buffer[] = [
  '2e477a56426a2f26494134325b7672433839704568714f09624423754a7e4a5e40774a615d224b6f4e3b4c50672a7d74542b2d2c306e6b66352521644d52633f7b7829287359337f6d55537c3a5f65465831696c5a48275c3d24793760512036',
  '2d755260715e495c627d2936207c7a7f6b63332b68516676316454434c3a4c7e4c452c2a7427374479592f6f26726a397b3f387767534734785d30235a5b6c485570692e4c21244e5009567335614b583b57226d4d2528464a32413d5f4f4265',
  '323021295b38333d583a3565395c5673664e456b6259785e7d4a6d714160415340422748727531374d5222546a47642d207f2e4c5d7e6c6f797443267625242b28234134092a443f773b55696163506751494f46687c36706e7a2f5f4b5a2c57',
].map((hex) => Buffer.from(hex, 'hex'));
const TAB = [0x57, 0x6e, 0x7b];
const TURNS = '0120121221210212021200122102122100212120200120210212001220012021';
const ESCAPES: Readonly<Record<string, string>> = { '&': '\n', '#': '\r', '*': '>', '!': '<', $: '@' };
const MAX_BLOCKS = 64;

/** The clear texts of all blocks `#@~^……==` to `^#~@` in a script or page. A block without an end goes to the end of the text. */
export function decodeScripts(text: string): string[] {
  const found: string[] = [];
  for (let at = text.indexOf('#@~^'); at >= 0 && found.length < MAX_BLOCKS;) {
    const start = text.slice(at + 10, at + 12) === '==' ? at + 12 : at + 4;
    const end = text.indexOf('^#~@', start);
    const body = text.slice(start, end < 0 ? text.length : end);
    // Eight characters of checksum stand before the end mark.
    found.push(decodeBlock(body.replace(/.{6}==$/s, '')));
    at = end < 0 ? -1 : text.indexOf('#@~^', end);
  }
  return found;
}

function decodeBlock(body: string): string {
  const out: string[] = [];
  let turn = 0;
  for (let at = 0; at < body.length; at += 1) {
    const code = body.charCodeAt(at);
    const pick = Number(TURNS[turn % TURNS.length]);
    if (code < 128) turn += 1;
    const escape = body[at] === '@' ? ESCAPES[body[at + 1] ?? ''] : undefined;
    if (escape !== undefined) {
      out.push(escape);
      at += 1;
    } else if (code === 9) out.push(String.fromCharCode(TAB[pick] ?? 9));
    else if (code < 0x20 || code > 0x7f || code === 60 || code === 62 || code === 64) out.push(body.charAt(at));
    else out.push(String.fromCharCode(ALPHABETS[pick]?.[code - 0x20] ?? code));
  }
  return out.join('');
}
