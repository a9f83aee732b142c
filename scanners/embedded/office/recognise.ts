/** Kinds of Office content that other libraries do not tell apart. */
export type OfficeContainer = 'office-xml' | 'office-binary' | 'rtf' | 'onenote' | 'activemime';

/** Words that XML of Office, and only it, declares near its root. */
const NAMESPACES =
  /openxmlformats\.org\/|purl\.oclc\.org\/ooxml\/|oasis:names:tc:opendocument|\/\/openoffice\.org\/20|schemas\.microsoft\.com\/office\/|<\?mso-application/i;
/** Files of OneNote begin with one of these ([MS-ONESTORE] 2.3.1). */
const NOTES = ['e4525c7b8cd8a74daeb15378d02996d3', 'a12ff843d9ef764c9ee210ea5722765f'];
/** A sheet, a workbook, a link to another book, as Excel's binary format begins ([MS-XLSB] 2.4: type, then size). */
const BINARY_PARTS = /^(8101|8301)00|^e802([0-7][0-9a-f]|[89a-f][0-9a-f][0-7][0-9a-f])0[0-3]00/;

/**
 * Says whether a part is Office's own and no known file type.
 * @param head the beginning of the part
 */
export function recogniseOffice(head: Uint8Array): { mime: string; container: OfficeContainer } | undefined {
  const bytes = Buffer.from(head.buffer, head.byteOffset, head.byteLength);
  const start = bytes.toString('hex', 0, 16);
  if (NOTES.includes(start)) return { mime: 'application/onenote', container: 'onenote' };
  if (bytes.toString('latin1', 0, 10) === 'ActiveMime') return { mime: 'application/x-mso', container: 'activemime' };
  if (BINARY_PARTS.test(start)) return { mime: 'application/vnd.ms-office', container: 'office-binary' };
  // Word passes over white space and marks before the first brace.
  if (/^[\s\0\ufeff\xef\xbb\xbf]{0,64}\{\\rt/.test(bytes.toString('latin1', 0, 80))) {
    return { mime: 'text/rtf', container: 'rtf' };
  }
  return isOfficeXml(bytes) ? { mime: 'application/xml', container: 'office-xml' } : undefined;
}

function isOfficeXml(bytes: Buffer): boolean {
  const first = bytes.toString('latin1', 0, 64).replace(/^[\s\0\xef\xbb\xbf\xff\xfe]+/, '');
  if (!first.startsWith('<')) return false;
  const wide = bytes.includes(0) && bytes.subarray(0, 64).includes(0);
  // The root's declarations; comments before it may be long.
  const text = wide ? bytes.toString('latin1').replaceAll('\0', '') : bytes.toString('latin1');
  const root = /<(?![?!])[^>]{0,20000}/.exec(text.slice(0, 65_536))?.[0] ?? text;
  return !/^<html\b/i.test(root) && NAMESPACES.test(text.slice(0, 512) + root);
}
