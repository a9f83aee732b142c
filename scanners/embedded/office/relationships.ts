import { judgeHyperlink, judgeLoad } from './fields';
import type { Found } from './found';
import type { OpenContext } from '../opener';
import { targetKind } from './targets';
import { attributesOf, xmlPieces } from './xml';

/** What Office loads without asking, by the last word of the relationship's type (ECMA-376 part 1, annex A; [MS-OI29500]). */
const LOADED: Readonly<Record<string, { rule: string; web: 'low' | 'high'; what: string }>> = {
  attachedtemplate: {
    rule: 'Ooxml_Remote_Template',
    web: 'high',
    what: 'The document loads a template from elsewhere when it is opened.',
  },
  oleobject: {
    rule: 'Ooxml_Remote_Object',
    web: 'high',
    what: 'The document loads an object from elsewhere when it is opened.',
  },
  frame: { rule: 'Ooxml_Remote_Frame', web: 'high', what: 'A frame of the document loads a page from elsewhere.' },
  subdocument: {
    rule: 'Ooxml_Remote_Subdocument',
    web: 'high',
    what: 'The document takes a part of itself from elsewhere.',
  },
  afchunk: {
    rule: 'Ooxml_Remote_Subdocument',
    web: 'high',
    what: 'The document takes a part of itself from elsewhere.',
  },
  image: {
    rule: 'Ooxml_Remote_Picture',
    web: 'low',
    what: 'The document loads a picture from elsewhere when it is shown.',
  },
};
const OTHER = {
  rule: 'Ooxml_Remote_Part',
  web: 'low',
  what: 'The document refers to a part that lies elsewhere.',
} as const;
const MACRO_SHEETS = ['xlmacrosheet', 'xlintlmacrosheet'];

/** Judges a part's relationships: what lies outside of the package, and what kinds of parts it has. */
export function judgeRelationships(text: string, found: Found, { name: part }: Pick<OpenContext, 'name'>): void {
  const chart = CHART.test(part);
  for (const piece of xmlPieces(text)) {
    if (piece.kind !== 'open' || piece.name !== 'Relationship') continue;
    const attributes = attributesOf(piece.tag);
    const type = (attributes.get('Type') ?? '').split('/').at(-1)?.toLowerCase() ?? '';
    const target = attributes.get('Target') ?? '';
    if (MACRO_SHEETS.includes(type)) {
      found.find('Ooxml_Macro_Sheet', 'medium', 'The workbook contains a macro sheet of Excel 4.');
    }
    if ((attributes.get('TargetMode') ?? '').toLowerCase() === 'external' || outside(target))
      judge(chart && type === 'oleobject' && CLOUD.test(target) ? 'externallinkpath' : type, target, found);
  }
}

/** A chart's own part names the workbook of its figures, which is asked only when somebody edits them. */
const CHART = /(^|\/)charts\/_rels\/chart[^/]{0,40}\.rels$/i;
/** Where Office itself keeps documents of organisations and people. */
const CLOUD = /^https:\/\/([\w-]{1,80}\.){0,3}(sharepoint\.com|docs\.live\.net|onedrive\.live\.com)\//i;
/** Some readers follow an absolute address though the mode is not said. */
const outside = (target: string): boolean => /^(https?|file|mhtml|ms-msdt|search-ms):|^\\\\/i.test(target);

function judge(type: string, target: string, found: Found): void {
  if (type === 'hyperlink' || type === 'hlinkclick') return judgeHyperlink(target, found);
  // Links between workbooks go to servers every day; Excel asks before it follows them.
  if (type === 'externallinkpath' && targetKind(target).kind !== 'handler') return found.link(target);
  const { rule, web, what } = LOADED[type] ?? OTHER;
  judgeLoad(target, rule, web === 'high' && CLOUD.test(target) ? 'medium' : web, what, found);
}
