/** Ways of writing a file down as text, each as its own tool does. */

const DIGITS32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
const DIGITS85 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~';
const DIGITS_XX = '+-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** Base32 of RFC 4648. */
export function base32(data: Buffer): string {
  const bits = [...data].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  const digits = (bits.match(/.{1,5}/g) ?? []).map((five) => DIGITS32[parseInt(five.padEnd(5, '0'), 2)]).join('');
  return digits.padEnd(Math.ceil(digits.length / 8) * 8, '=');
}

/** Base85 with the digits of Adobe or of git, without short forms. */
export function base85(data: Buffer, dialect: 'ascii' | 'plain'): string {
  const words = (data.toString('hex').match(/.{1,8}/g) ?? []).map((word) => {
    const missing = (8 - word.length) / 2;
    let value = parseInt(word.padEnd(8, '0'), 16);
    const digits = Array.from({ length: 5 }, () => {
      const digit = value % 85;
      value = Math.floor(value / 85);
      return dialect === 'ascii' ? String.fromCharCode(33 + digit) : (DIGITS85[digit] ?? '');
    });
    return digits
      .reverse()
      .join('')
      .slice(0, 5 - missing);
  });
  return words.join('');
}

/** Each letter thirteen places on. */
export function rot13(text: string): string {
  const letters = 'abcdefghijklmnopqrstuvwxyz';
  const moved = `${letters.slice(13)}${letters.slice(0, 13)}`;
  const table = new Map(
    [...letters].flatMap((letter, at) => [
      [letter, moved[at]],
      [letter.toUpperCase(), moved[at]?.toUpperCase()],
    ]),
  );
  return [...text].map((letter) => table.get(letter) ?? letter).join('');
}

const rows = (data: Buffer): Buffer[] =>
  Array.from({ length: Math.ceil(data.length / 16) }, (_unused, row) => data.subarray(row * 16, row * 16 + 16));
const address = (row: number, digits: number): string => (row * 16).toString(16).padStart(digits, '0');

/** As `xxd` prints it. */
export function dump(data: Buffer): string {
  const lines = rows(data).map((row, index) => {
    const pairs = (row.toString('hex').match(/.{1,4}/g) ?? []).join(' ');
    return `${address(index, 8)}: ${pairs.padEnd(40)} ${row.toString('latin1').replace(/[^ -~]/g, '.')}`;
  });
  return `${lines.join('\n')}\n`;
}

/** Intel's records; nobody here checks their sums. */
export function intelHex(data: Buffer): string {
  const lines = rows(data).map(
    (row, index) => `:${row.length.toString(16).padStart(2, '0')}${address(index, 4)}00${row.toString('hex')}00`,
  );
  return `${lines.join('\n')}\n:00000001FF\n`.toUpperCase();
}

/** Motorola's records with addresses of two bytes; nobody here checks their sums. */
export function motorola(data: Buffer): string {
  const lines = rows(data).map(
    (row, index) => `S1${(row.length + 3).toString(16).padStart(2, '0')}${address(index, 4)}${row.toString('hex')}00`,
  );
  return `${lines.join('\n')}\nS9030000FC\n`.toUpperCase();
}

/** xxencode: uuencode with digits that survive every code page. */
export function xxencode(name: string, data: Buffer): string {
  const lines = Array.from({ length: Math.ceil(data.length / 45) }, (_unused, row) => {
    const line = data.subarray(row * 45, row * 45 + 45);
    const bits = [...line].map((byte) => byte.toString(2).padStart(8, '0')).join('');
    const whole = bits.padEnd(Math.ceil(line.length / 3) * 24, '0');
    return `${DIGITS_XX[line.length]}${(whole.match(/.{6}/g) ?? []).map((six) => DIGITS_XX[parseInt(six, 2)]).join('')}`;
  });
  return `begin 644 ${name}\n${lines.join('\n')}\n+\nend\n`;
}

/** yEnc in one line. */
export function yenc(name: string, data: Buffer): Buffer {
  const bytes = [...data].flatMap((byte) => {
    const moved = (byte + 42) & 0xff;
    return [0, 10, 13, 61].includes(moved) ? [61, (moved + 64) & 0xff] : [moved];
  });
  const head = `=ybegin line=9999 size=${data.length} name=${name}\r\n`;
  return Buffer.concat([Buffer.from(head), Buffer.from(bytes), Buffer.from(`\r\n=yend size=${data.length}\r\n`)]);
}
