import type { Opened, OpenContext } from '../opener';
import { readControl, readExternalLink, readFormulas, readMacroSheet, readTypes, readWorkbook } from './ooxml-parts';
import { Found } from './found';
import { readFlatPackage, readWord2003 } from './flat-xml';
import { readOpenDocument } from './odf';
import { judgeRelationships } from './relationships';
import { readSlide } from './slides';
import { readFields } from './word-parts';
import { decodeXml, xmlPieces } from './xml';

type Reader = (text: string, found: Found, context: OpenContext) => void;

/** Who reads which part, by its root element's local name. Roots that are not named can start nothing. */
const READERS: Readonly<Record<string, Reader>> = {
  Relationships: judgeRelationships,
  Types: readTypes,
  document: readFields,
  hdr: readFields,
  ftr: readFields,
  footnotes: readFields,
  endnotes: readFields,
  comments: readFields,
  glossaryDocument: readFields,
  txbxContent: readFields,
  workbook: readWorkbook,
  macrosheet: readMacroSheet,
  dialogsheet: readMacroSheet,
  worksheet: readFormulas,
  externalLink: readExternalLink,
  ocx: readControl,
  customUI: readControl,
  sld: readSlide,
  sldLayout: readSlide,
  sldMaster: readSlide,
  notes: readSlide,
  package: readFlatPackage,
  wordDocument: readWord2003,
  Workbook: readFormulas,
};
const OPEN_DOCUMENT = /oasis:names:tc:opendocument|openoffice\.org\/20/;

/** Opens XML of Office: one part of an OOXML or OpenDocument package, or a whole document in one XML file. */
export function openOfficeXml(data: Uint8Array, context: OpenContext): Opened {
  const found = new Found();
  const text = decodeXml(data);
  for (const piece of xmlPieces(text)) {
    if (piece.kind !== 'open') continue;
    // XML saved as 2003 tells its program, not its namespaces alone.
    const reader = OPEN_DOCUMENT.test(piece.tag) ? readOpenDocument : own(piece.name);
    reader?.(text, found, context);
    break;
  }
  return found.opened();
}

const own = (name: string): Reader | undefined => (Object.hasOwn(READERS, name) ? READERS[name] : undefined);
