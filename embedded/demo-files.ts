import { randomBytes } from 'node:crypto';

/**
 * The EICAR test file: every scanner reports it, and it harms nothing. Joined at run time, so that no scanner takes our
 * sources for it.
 * @param spaces blanks behind it, which the definition allows: so many different files are one and the same test
 */
export function eicar(spaces = 0): Buffer {
  const head = 'X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD-';
  return Buffer.from(`${head}${'ANTIVIRUS-TEST-FILE'}!$H+H*${' '.repeat(spaces)}`, 'latin1');
}

/** A small PDF with one page and one line of text, different at every call. */
export function cleanPdf(): Buffer {
  const text = `BT /F1 18 Tf 40 120 Td (Floor plan ${randomBytes(4).toString('hex')}) Tj ET`;
  const objects = [
    '<< /Type /Catalog /Pages 2 0 R >>',
    '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
    '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 200] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>',
    `<< /Length ${text.length} >>\nstream\n${text}\nendstream`,
    '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>',
  ];
  let file = '%PDF-1.4\n';
  const offsets = objects.map((object, index) => {
    const offset = file.length;
    file += `${index + 1} 0 obj\n${object}\nendobj\n`;
    return offset;
  });
  const table = offsets.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`).join('');
  const trailer = `trailer\n<< /Size ${objects.length + 1} /Root 1 0 R >>\nstartxref\n${file.length}\n%%EOF\n`;
  return Buffer.from(`${file}xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${table}${trailer}`, 'latin1');
}
