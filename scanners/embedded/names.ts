import type { PartFinding } from './opener';

/** What a part is by its content, as far as its name can contradict it. */
type Family =
  'program' | 'script' | 'archive' | 'disk image' | 'document' | 'picture' | 'media' | 'text' | 'page' | 'mail';

const FAMILIES_BY_EXTENSION: readonly (readonly [Family, string])[] = [
  ['program', 'exe dll scr pif com cpl sys msi msp ocx drv elf so dylib app jar xll appx msix'],
  [
    'script',
    'bat cmd vbs vbe js jse mjs wsf wsh hta ps1 psm1 psd1 sh bash py pl rb php lnk url reg inf scf msc sct ws chm desktop command applescript settingcontent-ms',
  ],
  ['archive', 'zip rar 7z gz tgz bz2 xz zst tar cab arj lzh lha ace lz z cpio ar deb rpm'],
  ['disk image', 'iso img vhd vhdx udf dmg wim'],
  [
    'document',
    'pdf doc docx docm dot dotx xls xlsx xlsm xlsb xlt ppt pptx pptm pps ppsx odt ods odp rtf one pub vsd vsdx',
  ],
  ['picture', 'jpg jpeg png gif bmp webp tif tiff ico svg heic heif avif jfif'],
  ['media', 'mp3 mp4 avi mov mkv wav ogg flac m4a m4v webm wmv'],
  ['text', 'txt csv log md json xml ini yml yaml tsv ics vcf'],
  ['page', 'html htm xhtml mht mhtml shtml'],
  ['mail', 'eml msg mbox'],
];
const BY_EXTENSION = new Map(
  FAMILIES_BY_EXTENSION.flatMap(([family, list]) => list.split(' ').map((extension) => [extension, family] as const)),
);
const BY_MIME: readonly (readonly [RegExp, Family])[] = [
  [
    /^application\/(x-msdownload|x-dosexec|x-elf|x-executable|x-sharedlib|x-mach-binary|x-pie-executable|x-msi|vnd\.microsoft\.portable-executable)$/,
    'program',
  ],
  [/^application\/x-ms-shortcut$|^text\/(x-shellscript|x-msdos-batch|x-script\.python|x-perl|x-php)$/, 'script'],
  [
    /^application\/(zip|x-zip-compressed|vnd\.rar|x-rar-compressed|x-7z-compressed|gzip|x-gzip|x-bzip2|x-xz|zstd|x-tar|vnd\.ms-cab-compressed|x-arj|x-lzh-compressed|x-compress)$/,
    'archive',
  ],
  [/^application\/x-(iso9660-image|udf-image|fat-image|vhdx?|apple-diskimage|ms-wim|virtualbox-vhd)$/, 'disk image'],
  [
    /^application\/(pdf|msword|vnd\.ms-(excel|powerpoint)|vnd\.openxmlformats.*|vnd\.oasis.*|rtf|onenote)$|^text\/rtf$/,
    'document',
  ],
  [/^image\//, 'picture'],
  [/^(audio|video)\//, 'media'],
  [/^text\/html$/, 'page'],
  [/^message\/rfc822$|^application\/vnd\.ms-outlook$/, 'mail'],
  [/^text\//, 'text'],
];
/** Types that both libraries give to anything with `MZ` or a jump at its beginning. */
const DOS_GUESS = /^application\/(x-msdownload|x-dosexec|vnd\.microsoft\.portable-executable)$/;
const RUNS: readonly Family[] = ['program', 'script'];
const HARMLESS: readonly Family[] = ['document', 'picture', 'media', 'text', 'mail'];
/** Marks that reverse the reading direction: overrides and embeddings. */
const TURNS = /[\u202d\u202e]/;
const UNSEEN = /[\u00ad\u200b-\u200d\u2060-\u2064\ufeff\u180e\u115f\u1160\u3164\uffa0\u2066-\u2069\u202a-\u202c]/g;
const WIDE_BLANKS = /[\s\u2000-\u200a\u2800\u3000\u00a0_]{8,}\.?[a-z\d]{1,12}$/i;
const LOOKALIKE_DOTS = /[\u2024\uff0e\u3002\ufe52\u0701\u0702\ua4f8\u06d4]/;

/**
 * What a name shows against its content: a program or archive behind another kind's name, an extension pushed out of
 * sight, hidden marks. Confusions that happen without intent (a table that is text, a picture of another format) are none.
 * @param name as the container or the sender wrote it
 * @param mime type by content
 * @param data the part's bytes
 * @param declared type by the sender's word
 */
export function nameFindings(name: string, mime: string, data: Uint8Array, declared?: string): PartFinding[] {
  const base = name.split(/[/\\]/).at(-1) ?? '';
  const seen = base.replace(UNSEEN, '');
  const runs = RUNS.includes(familyOfName(seen) ?? 'text');
  const findings: PartFinding[] = [];
  const tell = (rule: string, severity: PartFinding['severity'], what: string): void => {
    findings.push({ rule, severity, what, place: [] });
  };
  if (TURNS.test(base)) {
    tell(
      'Name_Turned_Direction',
      'high',
      'A hidden mark in the name turns the reading direction, so that its extension is not seen.',
    );
  }
  if (runs && seen !== base && !TURNS.test(base)) {
    tell('Name_Unseen_Characters', 'medium', 'The name of a program or script holds characters that nobody sees.');
  }
  if (runs && WIDE_BLANKS.test(seen)) {
    tell(
      'Name_Extension_Out_Of_Sight',
      'high',
      'A run of blanks pushes the extension of a program or script out of sight.',
    );
  }
  if (runs && shownExtension(seen)) {
    tell(
      'Name_Two_Extensions',
      'high',
      'The name shows the extension of a document or picture before the one that makes it a program or script.',
    );
  }
  if (runs && /[.\s]$/.test(seen)) {
    tell(
      'Name_Trailing_Dots',
      'medium',
      'Dots or blanks after the extension of a program or script hide what it is from simple filters.',
    );
  }
  if (LOOKALIKE_DOTS.test(seen) && RUNS.includes(familyOfName(seen.replace(LOOKALIKE_DOTS, '.')) ?? 'text')) {
    tell(
      'Name_Lookalike_Dot',
      'medium',
      'A character that looks like a dot stands before what would be the extension of a program or script.',
    );
  }
  const is = DOS_GUESS.test(mime) && !isWindowsProgram(data) ? undefined : familyOfMime(mime);
  mismatch(familyOfName(seen), is, tell);
  if (declared !== undefined) declaredMismatch(familyOfMime(declared.toLowerCase()), is, tell);
  return findings;
}

type Tell = (rule: string, severity: PartFinding['severity'], what: string) => void;

function mismatch(said: Family | undefined, is: Family | undefined, tell: Tell): void {
  if (!said || !is || said === is) return;
  if (is === 'program' && (HARMLESS.includes(said) || said === 'page')) {
    tell(
      'Name_Program_As_Other_Kind',
      'high',
      'The name says document, picture, page or text, the content is a program.',
    );
  } else if ((is === 'archive' || is === 'disk image') && (said === 'picture' || said === 'media')) {
    tell(
      'Name_Archive_As_Picture',
      'medium',
      'The name says picture, sound or film, the content is an archive or disk image.',
    );
  } else if (is === 'disk image' && (said === 'document' || said === 'text')) {
    tell('Name_Image_As_Document', 'medium', 'The name says document or text, the content is a disk image.');
  } else if (is === 'page' && (said === 'picture' || said === 'media')) {
    tell('Name_Page_As_Picture', 'low', 'The name says picture, sound or film, the content is a web page.');
  } else if ((is === 'document' && said === 'picture') || (is === 'picture' && said === 'document')) {
    tell('Name_Other_Family', 'low', 'Name and content are of different kinds.');
  } else if (is === 'archive' && said === 'text') {
    tell('Name_Archive_As_Text', 'low', 'The name says text, the content is an archive.');
  }
}

function declaredMismatch(said: Family | undefined, is: Family | undefined, tell: Tell): void {
  if (is === 'program' && said && HARMLESS.includes(said)) {
    tell(
      'Name_Program_Declared_Otherwise',
      'high',
      'The sender declared a document, picture or text, the content is a program.',
    );
  } else if (is && said && is !== said && (is === 'archive' || is === 'disk image') && said === 'picture') {
    tell(
      'Name_Archive_Declared_As_Picture',
      'medium',
      'The sender declared a picture, the content is an archive or disk image.',
    );
  }
}

/** A document's extension that stands before the real one, blanks and dots between them allowed. */
function shownExtension(name: string): boolean {
  const pieces = name
    .toLowerCase()
    .split('.')
    .map((piece) => piece.trim())
    .filter((piece) => piece !== '');
  const [before] = pieces.slice(-2, -1);
  if (pieces.length < 3 || before === undefined) return false;
  const family = BY_EXTENSION.get(before);
  // `app.min.js`, `data.json.js` and `tool.tar.py` are how developers name files.
  if (/^(js|mjs|py|pl|rb|php|sh|bash|so|jar|reg|inf|dll|sys|command|desktop)$/.test(pieces.at(-1) ?? '')) {
    return family === 'document' || family === 'picture' || before === 'txt';
  }
  return family !== undefined && HARMLESS.includes(family);
}

function familyOfName(name: string): Family | undefined {
  const extension = /\.([a-z\d-]{1,20})[.\s]*$/i.exec(name)?.[1]?.toLowerCase();
  return extension === undefined || name.search(/\.[^.]*$/) === 0 ? undefined : BY_EXTENSION.get(extension);
}

/** `MZ` alone begins many a text; a program's head points at its second one (PE format, 3.1). */
function isWindowsProgram(data: Uint8Array): boolean {
  if (data.length < 64) return false;
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  const at = bytes.readUInt32LE(60);
  return at + 4 <= bytes.length && bytes.toString('latin1', at, at + 2) === 'PE';
}

function familyOfMime(mime: string): Family | undefined {
  const plain = mime.split(';', 1)[0]?.trim() ?? '';
  return BY_MIME.find(([pattern]) => pattern.test(plain))?.[1];
}
