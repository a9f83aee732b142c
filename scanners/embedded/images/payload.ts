import { parse } from 'tldts';
import type { PartFinding, PartLink } from '../opener';

const PLACE = ['QR code'];
const ADDRESS = /\b(?:https?|ftps?):\/{1,2}[^\s"'<>\\^`{|}]{1,2000}/gi;
/** Schemes by which a code starts an application or a script on a phone or computer. */
const STARTS = /^\s*(?:javascript|vbscript|data|file|intent|ms-[a-z-]+|search-ms|market|itms-services|tel:\*)[^a-z]/i;

/** What the text of a code leads to: links, or a note that there is other text. */
export function readPayload(text: string): { links: PartLink[]; findings: PartFinding[] } {
  const links = [...text.matchAll(ADDRESS)].slice(0, 10).map(([url]): PartLink => ({ url, place: PLACE }));
  if (links.length > 0) return { links, findings: [] };
  const bare = /^(?:MEBKM:|URLTO:|URL:|TITLE:[^;]{0,200};)*\s*([^\s;]{4,2000})/i.exec(text.trim())?.[1] ?? '';
  if (isBareAddress(bare)) return { links: [{ url: `http://${bare}`, place: PLACE }], findings: [] };
  if (STARTS.test(text)) {
    const what = 'A code in the picture starts a script or an application instead of opening a page.';
    return { links: [], findings: [{ rule: 'Image_Code_Starts_Program', severity: 'medium', what, place: PLACE }] };
  }
  const what = 'A code in the picture holds text that is no web address.';
  return { links: [], findings: [{ rule: 'Image_Code_With_Text', severity: 'info', what, place: PLACE }] };
}

/** `example.com/x`: phones open it, though no scheme stands before it. */
function isBareAddress(text: string): boolean {
  if (!/^[\p{L}\p{N}][\p{L}\p{N}.-]{1,250}(?:[:/?#]|$)/u.test(text)) return false;
  const { isIcann, isIp, domain } = parse(text);
  return isIp === true || (isIcann === true && domain !== null);
}
