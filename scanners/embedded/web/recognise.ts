import { isCms } from '../mail/cms';
import { isMail } from '../mail/recognise';
import { isShortcutText, SHORTCUT_TYPES } from '../shortcut-text';
import { decodeText, extensionOf, isText } from './text';

/** Kinds of containers among mails, pages, shortcuts and scripts. */
export type WebContainer = 'mail' | 'tnef' | 'cms' | 'calendar' | 'html' | 'link-file' | 'shortcut' | 'script' | 'text';

type Recognised = { mime: string; container: WebContainer };

const LINK_FILE = Buffer.from('4c0000000114020000000000c000000000000046', 'hex');
const TNEF = Buffer.from('789f3e22', 'hex');
const LOOK = 64 * 1024;
const PAGES = /^(html?|xhtml|xht|shtml?|mhtml?|svg|hta|htc|wsf|wsc|sct|xsl|xslt|asp|aspx|jsp|htt)$/;
const SCRIPTS = /^(js|jse|mjs|cjs|vbs|vbe|vba|bas|cls|wsh|ps1|psm1|psd1|bat|cmd)$/;
const PAGE_START =
  /^\s*(?:<\?[^>]{0,1000}>\s*|<!--[^>]{0,2000}-->\s*){0,5}<(!doctype\s|html|head|body|script|iframe|meta|title|style|svg|hta:application|form|table|div|center|base|job|package|scriptlet|component|registration|xsl:stylesheet|xsl:transform|stylesheet)[\s>:/]/i;
const PAGE_LATER = /<(html|body|script|svg|iframe|hta:application|meta\s[^>]{0,200}http-equiv)[\s>]/i;
const SCRIPT_START =
  /^\s*(@echo off\b|#@~\^|on error resume next\b|set-executionpolicy\b|param\s*\()|\b(wscript\.(shell|createobject|echo|sleep)|createobject\s?\(|new activexobject\s?\(|-encodedcommand\b|invoke-expression\b|frombase64string\s?\()/i;

/**
 * What a part is among mails, pages, shortcuts and scripts: by its content, and by its name where its content is text, as
 * the systems that open it go by the name. Undefined for everything else.
 */
export function recogniseWeb(data: Uint8Array, mime: string, name: string): Recognised | undefined {
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  if (startsWith(bytes, LINK_FILE)) return { mime: 'application/x-ms-shortcut', container: 'link-file' };
  if (startsWith(bytes, TNEF)) return { mime: 'application/vnd.ms-tnef', container: 'tnef' };
  if (isCms(bytes)) return { mime: 'application/pkcs7-mime', container: 'cms' };
  if (!startsWith(bytes, PDF) && (mime === 'message/rfc822' || isMail(bytes)))
    return { mime: 'message/rfc822', container: 'mail' };
  if (startsWith(bytes, PDF)) return undefined;
  const extension = extensionOf(name);
  // Text but for the bytes of yEnc.
  if (/^=ybegin /m.test(bytes.toString('latin1', 0, LOOK))) return { mime: 'text/plain', container: 'text' };
  const textual = isText(bytes);
  if (!textual && !/^text\/(html|plain)|svg/.test(mime)) return undefined;
  if (mime === 'text/rtf') return undefined;
  const head = decodeText(bytes.subarray(0, LOOK));
  if (/^[\ufeff\s]{0,100}BEGIN:V(CALENDAR|CARD|EVENT|TODO)\b/i.test(head)) {
    return {
      mime: /^[\ufeff\s]{0,100}BEGIN:VCARD/i.test(head) ? 'text/vcard' : 'text/calendar',
      container: 'calendar',
    };
  }
  if (SHORTCUT_TYPES.has(extension) || isShortcutText(head)) return { mime, container: 'shortcut' };
  if (PAGES.test(extension) || isPage(head, mime, extension))
    return { mime: mime.startsWith('text/plain') ? 'text/html' : mime, container: 'html' };
  if (SCRIPTS.test(extension) || SCRIPT_START.test(head.slice(0, 16_384))) return { mime, container: 'script' };
  return { mime, container: 'text' };
}

const PDF = Buffer.from('%PDF-');

function isPage(head: string, mime: string, extension: string): boolean {
  if (mime === 'image/svg+xml' || mime === 'text/html') return true;
  if (PAGE_START.test(head.slice(0, 16_384).replace(/^\ufeff/, ''))) return true;
  // Texts about pages, and scripts that write them, are no pages.
  return (
    !SCRIPTS.test(extension) &&
    !/^(md|txt|log|json|css|csv|tsx?|jsx|php|py|java|rb|cs|go|yml|yaml)$/.test(extension) &&
    PAGE_LATER.test(head.slice(0, 4_096))
  );
}

const startsWith = (bytes: Buffer, start: Buffer): boolean => bytes.subarray(0, start.length).equals(start);
