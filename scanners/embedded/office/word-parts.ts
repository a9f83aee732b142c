import type { Found } from './found';
import { FieldTracker } from './fields';
import { attributesOf, xmlPieces } from './xml';

/** Fields of a word processing part; their codes may be split over any number of runs. */
export function readFields(text: string, found: Found): void {
  readObjects(text, found);
  if (!/instrText|fldSimple/.test(text)) return;
  const fields = new FieldTracker(found);
  let [inCode, inText, simple] = [false, false, 0];
  for (const piece of xmlPieces(text)) {
    if (piece.kind === 'text') {
      if (inCode) fields.code(piece.text);
      else if (inText) fields.text(piece.text);
      continue;
    }
    const opens = piece.kind === 'open' && !piece.closed;
    if (piece.name === 'instrText') inCode = opens;
    else if (piece.name === 't') inText = opens;
    else if (piece.name === 'fldChar' && piece.kind === 'open')
      mark(attributesOf(piece.tag).get('fldCharType'), fields);
    else if (piece.name === 'fldSimple') {
      if (piece.kind === 'open') {
        fields.begin();
        fields.code(attributesOf(piece.tag).get('instr') ?? '');
        fields.separate();
        simple += 1;
      }
      if (simple > 0 && !opens) {
        simple -= 1;
        fields.end();
      }
    }
  }
  fields.finish();
}

function mark(type: string | undefined, fields: FieldTracker): void {
  if (type === 'begin') fields.begin();
  else if (type === 'separate') fields.separate();
  else if (type === 'end') fields.end();
}

const PROGRAM_IDS: Readonly<Record<string, string>> = {
  htmlfile: 'The document embeds a web page as an object.',
  package: 'The document carries a file as a package inside.',
};

/** Objects that the text places: links that update by themselves, and classes that only attacks use. */
function readObjects(text: string, found: Found): void {
  for (
    let at = text.indexOf('OLEObject'), left = 500;
    at >= 0 && left > 0;
    at = text.indexOf('OLEObject', at + 9), left -= 1
  ) {
    const attributes = attributesOf(text.slice(at, at + 2_000).split('>', 1)[0] ?? '');
    const id = (attributes.get('ProgID') ?? '').toLowerCase();
    if (/^equation\.[23]$/.test(id)) {
      found.find('Office_Equation_Object', 'low', 'The document contains an object of the old equation editor.');
    } else if (/^(htmlfile|scriptletfile|script|wscript|shell\.explorer)/.test(id)) {
      found.find('Office_Script_Object', 'high', 'The document embeds a web page or script as an object.');
    } else if (Object.hasOwn(PROGRAM_IDS, id)) found.find('Office_Package', 'info', PROGRAM_IDS[id] ?? '');
  }
}
