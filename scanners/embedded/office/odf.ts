import type { OpenContext } from '../opener';
import type { Found } from './found';
import { judgeHyperlink, judgeLoad } from './fields';
import { addBase64 } from './flat-xml';
import { attributesOf, xmlPieces, type XmlPiece } from './xml';

const PICTURE = ['Odf_Remote_Picture', 'low', 'The document loads a picture from elsewhere when it is shown.'] as const;
const OBJECT = ['Odf_Remote_Object', 'high', 'The document loads an object from elsewhere when it is opened.'] as const;
const TEXT = ['Odf_Remote_Section', 'medium', 'The document takes a part of itself from elsewhere.'] as const;

/** What OpenDocument loads from `xlink:href`, by element (OASIS OpenDocument 1.3, part 3). */
const LOADED: Readonly<Record<string, readonly [string, 'low' | 'medium' | 'high', string]>> = {
  image: PICTURE,
  'fill-image': PICTURE,
  'background-image': PICTURE,
  object: OBJECT,
  'object-ole': OBJECT,
  applet: OBJECT,
  plugin: ['Odf_Remote_Media', 'low', 'The document plays media from elsewhere.'],
  'floating-frame': OBJECT,
  'section-source': TEXT,
  'table-source': TEXT,
  'cell-range-source': TEXT,
  'font-face-uri': PICTURE,
};
const LINKS = ['a', 'hyperlink'];
/** Elements that are looked at without an address too. */
const JUDGED = new Set([
  'binary-data',
  'module',
  'source-code',
  'encryption-data',
  'event-listener',
  'event',
  'file-entry',
  'dde-source',
  'dde-connection-decl',
]);
/** Events that need no hand of the reader. */
const BY_ITSELF =
  /^(dom|office|ooo)?:?(load(-finished)?|on-?load(-finished)?|open|on-?open|view-?created|on-?view-?created|on-?focus|focus|start-?app|on-?new|new|unload|on-?unload|on-?prepare-?unload|mouseover|on-?mouse-?over)$/i;

/** Opens one XML part of an OpenDocument file, or a whole document in one XML file (`.fodt` and its like). */
export function readOpenDocument(text: string, found: Found, context: OpenContext): void {
  let link: { url: string; shown: string } | undefined;
  let data: string[] | undefined;
  let module: { name: string; text: string[]; size: number } | undefined;
  for (const piece of xmlPieces(text)) {
    if (piece.kind === 'text') {
      if (link && link.shown.length < 2_000) link.shown += piece.text;
      data?.push(piece.text);
      module?.text.push(piece.text);
    } else if (piece.kind === 'close') {
      if (link && LINKS.includes(piece.name)) {
        judgeHyperlink(link.url, found, link.shown);
        link = undefined;
      } else if (data && piece.name === 'binary-data') {
        addBase64(found, `object-${found.members.length + 1}`, data.join(''), context);
        data = undefined;
      } else if (module && (piece.name === 'module' || piece.name === 'source-code')) {
        addModule(module.name, module.text.join(''), found);
        module = undefined;
      }
    } else {
      // Contents are long, and few of their elements say anything here.
      if (!piece.tag.includes('href') && !JUDGED.has(piece.name)) continue;
      const attributes = attributesOf(piece.tag);
      const href = attributes.get('href') ?? '';
      if (LINKS.includes(piece.name) && href !== '') link = { url: href, shown: '' };
      else if (piece.name === 'binary-data' && !piece.closed) data = [];
      else if ((piece.name === 'module' || piece.name === 'source-code') && !piece.closed) {
        module = { name: attributes.get('name') ?? 'module', text: [], size: 0 };
      } else judgeElement(piece, attributes, href, found);
    }
  }
  if (link) judgeHyperlink(link.url, found, link.shown);
  if (module) addModule(module.name, module.text.join(''), found);
  if (data) {
    found.gaps.add('malformed');
    addBase64(found, `object-${found.members.length + 1}`, data.join(''), context);
  }
}

type Start = Extract<XmlPiece, { kind: 'open' }>;

function judgeElement({ name }: Start, attributes: Map<string, string>, href: string, found: Found): void {
  if (name === 'encryption-data') found.gaps.add('encrypted');
  else if (name === 'event-listener' || name === 'event') {
    judgeListener(
      attributes.get('event-name') ?? attributes.get('name') ?? '',
      href || (attributes.get('macro-name') ?? ''),
      found,
    );
  } else if (name === 'file-entry') judgeEntry(attributes.get('full-path') ?? '', found);
  else if (name === 'dde-source' || name === 'dde-connection-decl') {
    const program = attributes.get('dde-application') ?? '';
    found.find(
      'Odf_Dde_Source',
      /^s?(soffice|calc|writer)$/i.test(program) ? 'low' : 'high',
      'The document asks another program for data through DDE and can start it.',
    );
  } else if (Object.hasOwn(LOADED, name) && href !== '') {
    const [rule, web, what] = LOADED[name] ?? OBJECT;
    judgeLoad(href, rule, web, what, found);
  }
}

function judgeListener(event: string, script: string, found: Found): void {
  if (!/^(vnd\.sun\.star\.script|macro|javascript|script):/i.test(script) && !/^[\w.]+\.[\w.]+$/.test(script)) return;
  if (/\.\.[\\/]|%2e%2e/i.test(script)) {
    found.find(
      'Odf_Script_Outside',
      'high',
      'An event of the document runs a script from outside of it, by a path that leads out.',
    );
  } else if (BY_ITSELF.test(event)) {
    found.find('Odf_Macro_Runs_On_Open', 'medium', 'The document runs a macro when it is opened, shown or closed.');
  } else found.find('Odf_Event_Runs_Macro', 'low', 'An event of the document runs a macro.');
}

function judgeEntry(path: string, found: Found): void {
  if (/^(Basic\/.+\/(?!script-lb)[^/]+\.xml|Scripts\/.+[^/])$/.test(path)) {
    found.find('Odf_Macros_Present', 'info', 'The document contains macros.');
  }
}

/** Calls of OpenOffice Basic that start programs, load libraries or fetch files. */
const GRAVE =
  /\bShell\s*\(|\bShell\s+["\w]|SystemShellExecute|\bDeclare\s+(Function|Sub)\b[^\n]{0,200}\bLib\b|CreateObject\s*\(|OleObjectFactory|WScript\.Shell|powershell|cmd(\.exe)?\s+\/c|URLDownloadToFile/i;

function addModule(name: string, source: string, found: Found): void {
  if (source.trim() === '') return;
  found.members.push({ name: `${name}.bas`, data: Buffer.from(source) });
  if (GRAVE.test(source)) {
    found.find(
      'Odf_Macro_Runs_Program',
      'high',
      'A macro of the document starts a program or calls a library of the system.',
      [`${name}.bas`],
    );
  }
}
