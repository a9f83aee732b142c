import type { Found } from './office/found';

/** Functions with known holes in readers that are still in use (CVE-2007-5659, 2008-2992, 2009-0927, 2009-4324 and later). */
const HOLES =
  /util\.printf\s*\(\s*["']%\d{3,}|Collab\.(collectEmailInfo|getIcon)\s*\(|media\.newPlayer\s*\(|customDictionaryOpen\s*\(|printSeps\s*\(/;
const OPENS_FILE = /exportDataObject\b[^;]{0,400}\bnLaunch\b["']?\s*:\s*[12]/;
const RUNS_TEXT =
  /\b(eval|Function|setTimeOut|setInterval|execMenuItem)\s*\(|\[\s*["']ev["']\s*\+|this\s*\[\s*["'][^"']{1,20}["']\s*\+/;
const HIDES_TEXT =
  /\bunescape\s*\(|fromCharCode|\batob\s*\(|charCodeAt|\.split\(\s*["'][^"']{0,5}["']\s*\)\s*\.(join|reverse)|util\.byteToChar|parseInt\s*\([^)]{0,80},\s*16\s*\)/;
const CODE_WORDS = /(%u[\da-f]{4}){4}|(\\x[\da-f]{2}){40}|(\\u[\da-f]{4}){20}/i;
const OPENS_ADDRESS = /\bapp\.launchURL\s*\(|\bgetURL\s*\(|\bapp\.openDoc\s*\(/;
const SENDS =
  /\bSOAP\.(request|connect)\s*\(|\bNet\.HTTP\.request\s*\(|\bthis\.submitForm\s*\(|\bmailMsg\s*\(|\bADBC\.|\bimportDataObject\s*\(/;

/**
 * Judges a script of a PDF by what it says. Checking a form's fields is everyday and stays low.
 * @param onOpen whether this script runs without a click
 */
export function judgePdfScript(text: string, onOpen: boolean, place: string[], found: Found): void {
  const script = text.slice(0, 2_000_000);
  found.find('Pdf_Script', 'low', 'The PDF contains a script.', place);
  if (OPENS_FILE.test(script)) {
    found.find(
      'Pdf_Script_Opens_Attachment',
      'high',
      'A script of the PDF opens a file that is embedded in it.',
      place,
    );
  }
  if (HOLES.test(script)) {
    found.find(
      'Pdf_Script_Uses_Hole',
      'high',
      'A script of the PDF calls functions that attacks on readers use.',
      place,
    );
  }
  if (CODE_WORDS.test(script) || (RUNS_TEXT.test(script) && HIDES_TEXT.test(script))) {
    found.find(
      'Pdf_Script_Hidden',
      'high',
      'A script of the PDF hides what it does and runs text that it puts together.',
      place,
    );
  }
  if (OPENS_ADDRESS.test(script)) {
    // Forms come with long scripts whose functions buttons call.
    const atOnce = onOpen && script.length < 2_000 && !/\bfunction\b/.test(script);
    const what = atOnce
      ? 'A script of the PDF opens an address as soon as it is read.'
      : 'A script of the PDF opens an address.';
    found.find('Pdf_Script_Opens_Address', atOnce ? 'high' : 'low', what, place);
  }
  if (SENDS.test(script)) {
    found.find('Pdf_Script_Sends_Data', 'low', 'A script of the PDF sends or fetches data.', place);
  }
  for (const [url] of script.matchAll(/https?:\/\/[^\s"'<>\\)]{3,2000}/g)) found.link(url);
}

/** Forms of XML carry scripts of their own; only what such a script may hide is looked for. */
export function judgePdfForm(data: Buffer, place: string[], found: Found): void {
  const text = data.toString('utf8');
  if (/<(\w{1,20}:)?script\b[^>]{0,200}(javascript|formcalc)/i.test(text)) judgePdfScript(text, false, place, found);
}
