import type { OpenContext } from '../opener';
import type { Found } from './found';
import { judgeHyperlink, judgeLoad } from './fields';
import { readFields } from './word-parts';
import { attributesOf, xmlPieces } from './xml';

/** Bytes written in base64 between tags, into a member; what is over the budget is a gap. */
export function addBase64(found: Found, name: string, text: string, { budget }: OpenContext): void {
  if (found.members.length >= budget.members || (text.length * 3) / 4 > budget.memberBytes) {
    found.gaps.add('limit_reached');
    return;
  }
  const data = Buffer.from(text, 'base64');
  if (data.length > 0) found.members.push({ name, data });
}

/** A whole package in one XML file (`pkg:package`): its parts, which are then looked at like those of a zip. */
export function readFlatPackage(text: string, found: Found, context: OpenContext): void {
  const start = /<(?:[\w.-]{1,20}:)?part\s([^<>]{0,4000})>/g;
  for (let match = start.exec(text); match; match = start.exec(text)) {
    const name = (attributesOf(` ${match[1] ?? ''}`).get('name') ?? `part-${found.members.length + 1}`).replace(
      /^\//,
      '',
    );
    const at = match.index + match[0].length;
    const open = text.indexOf('>', at);
    const kind = text.slice(at, open + 1);
    const close = text.indexOf(/binaryData/.test(kind) ? 'binaryData>' : 'xmlData>', open + 1);
    const slash = close < 0 ? -1 : text.slice(Math.max(open + 1, close - 64), close).lastIndexOf('</');
    const inner = text.slice(open + 1, slash < 0 ? undefined : Math.max(open + 1, close - 64) + slash);
    if (/binaryData/.test(kind)) addBase64(found, name, inner, context);
    else if (found.members.length >= context.budget.members || inner.length > context.budget.memberBytes) {
      found.gaps.add('limit_reached');
    } else if (inner !== '') found.members.push({ name, data: Buffer.from(inner.trim()) });
    if (open < 0 || slash < 0) found.gaps.add('malformed');
    if (found.gaps.size > 0) return;
    start.lastIndex = close;
  }
}

/** Word's XML of 2003: objects and macros in base64, a template by its address, fields as in OOXML. */
export function readWord2003(text: string, found: Found, context: OpenContext): void {
  let data: { name: string; text: string[] } | undefined;
  for (const piece of xmlPieces(text)) {
    if (piece.kind === 'text') data?.text.push(piece.text);
    else if (piece.kind === 'close') {
      if (data && (piece.name === 'binData' || piece.name === 'docOleData')) {
        addBase64(found, data.name, data.text.join(''), context);
        data = undefined;
      }
    } else if (piece.name === 'binData' && !piece.closed) {
      data = { name: attributesOf(piece.tag).get('name')?.split(/[\\/]/).at(-1) ?? 'data.bin', text: [] };
    } else if (piece.name === 'attachedTemplate') {
      const target = attributesOf(piece.tag).get('val') ?? '';
      judgeLoad(
        target,
        'Ooxml_Remote_Template',
        'high',
        'The document loads a template from elsewhere when it is opened.',
        found,
      );
    } else if (piece.name === 'hlink') judgeHyperlink(attributesOf(piece.tag).get('dest') ?? '', found);
    else if (piece.name === 'wordDocument' && attributesOf(piece.tag).get('macrosPresent') === 'yes') {
      found.find('Office_Macros_Present', 'info', 'The document says that it contains macros.');
    }
  }
  if (data) {
    found.gaps.add('malformed');
    addBase64(found, data.name, data.text.join(''), context);
  }
  readFields(text, found);
}
