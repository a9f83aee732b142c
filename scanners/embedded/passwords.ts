/** Words after which people write a password, in the languages that support desks see most. */
const LABEL =
  /(?<![\p{L}\p{N}])(?:pass[\s_-]?(?:word|wort|code|phrase)?s?|passwd|p\/w|pwd?|pin|psw|kennwort|zugangscode|mot\s+de\s+passe|mdp|contrase(?:ñ|n)a|clave|senha|palavra-passe|wachtwoord|parola|has[łl]o|heslo|l(?:ö|o)senord|adgangskode|passord|salasana|jelsz(?:ó|o)|şifre|sifre|пароль|пароля|код|code|key|unlock)(?![\p{L}\p{N}])|密码|密碼|口令|パスワード|암호|비밀번호|كلمة المرور|סיסמה|סיסמא|รหัสผ่าน/giu;
/** What stands between the label and the password. */
const LINK =
  /^[^\n:=：]{0,60}?(?:[:=：»→]|(?<![\p{L}\p{N}])(?:is|are|ist|lautet|lauten|est|es|é|è|er|är|jest|wynosi|это|será)(?![\p{L}\p{N}])\s*[:=：]?|是|为|為|は)\s{0,40}/iu;
/** Words that follow a label without being the password. */
const FILLERS = new Set(
  'is are was for to the of and or in on a an your our this that it protected required needed needs below above with by file files zip archive attachment ist das die der für zum zur und pour de du la le el del los para da do e è no not reset change please field manager policy'.split(
    ' ',
  ),
);
const DEFAULTS: readonly (readonly [string, number])[] = [
  ['infected', 45],
  ['1234', 26],
  ['password', 24],
  ['malware', 23],
  ['virus', 22],
  ['123456', 21],
  ['12345', 19],
  ['123', 18],
];
const MAX_LENGTH = 80;
const MAX_TEXT = 64 * 1024;
const MAX_LABELS = 200;
const MAX_LINES = 2_000;
const TRAILING = /[.,;:!?)\]}>"'’”»*_`]+$/u;
const LEADING = /^[([{<"'‘“«„*_`]+/u;

/**
 * Passwords that the given texts may mean, best first, each once: words after a label, quoted words, words that stand
 * alone on a line, words of mixed characters, names' parts, and what everybody uses for samples of malware.
 * @param given candidates known beforehand; they lead
 * @param texts nearest to the locked file first: its own name, its comment, its neighbours, the conversation
 */
export function passwordCandidates(given: readonly string[], texts: readonly string[], limit: number): string[] {
  const scores = new Map<string, number>();
  const add = (word: string, score: number): void => {
    if (word.length === 0 || word.length > MAX_LENGTH) return;
    scores.set(word, Math.max(scores.get(word) ?? 0, score));
  };
  given.forEach((word, index) => add(word, 1_000 - index));
  texts.slice(0, 32).forEach((text, index) => {
    const near = (word: string, score: number): void => add(word, score - index / 100);
    const bounded = text.slice(0, MAX_TEXT);
    labelled(bounded, near);
    loose(bounded, near);
  });
  for (const [word, score] of DEFAULTS) add(word, score);
  return [...scores]
    .sort((a, b) => b[1] - a[1])
    .slice(0, limit)
    .map(([word]) => word);
}

/** A list that is made when somebody first reads it, once. */
export function lazily(make: () => readonly string[]): Iterable<string> {
  let made: readonly string[] | undefined;
  return { [Symbol.iterator]: () => (made ??= make())[Symbol.iterator]() };
}

type Add = (word: string, score: number) => void;

function labelled(text: string, add: Add): void {
  let seen = 0;
  for (const match of text.matchAll(LABEL)) {
    if (++seen > MAX_LABELS) return;
    const tail = text.slice(match.index + match[0].length, match.index + match[0].length + 200);
    const link = LINK.exec(tail);
    if (link) {
      const rest = tail.slice(link[0].length);
      addWord(rest, 100, add);
      const line = rest.split('\n', 1)[0]?.trim() ?? '';
      for (const phrase of [line.split(/[.,;!?](?:\s|$)/u, 1)[0] ?? '', line]) {
        if (/\s/.test(phrase) && phrase.split(/\s+/).length <= 6)
          add(phrase.replace(TRAILING, '').replace(LEADING, ''), 80);
      }
    }
    const quoted = /["'“„«‘`]([^"'”“»’`\n]{1,64})["'”“»’`]/u.exec(tail);
    if (quoted?.[1]) add(quoted[1].trim(), link ? 98 : 95);
    const next = /^[\s_\-–—.]{1,20}([^\s_]{3,80})/u.exec(tail);
    if (next?.[1] && !FILLERS.has(bare(next[1]).toLowerCase())) addWord(next[1], link ? 50 : 65, add);
  }
}

/** The first word, as it stands and without the punctuation around it: either may be meant. */
function addWord(text: string, score: number, add: Add): void {
  const word = /^\S{1,80}/u.exec(text.trimStart())?.[0] ?? '';
  if (FILLERS.has(bare(word).toLowerCase())) return;
  const sentence = word.replace(LEADING, '').replace(/[.,;:)\]}>"'’”»*`]+$/u, '');
  add(sentence, score);
  add(bare(word), score - 1);
  add(word, score - 2);
}

const bare = (word: string): string => word.replace(TRAILING, '').replace(LEADING, '');

function loose(text: string, add: Add): void {
  for (const match of text.slice(0, 16_384).matchAll(/["“„«`]([^"”“»`\n]{3,64})["”“»`]/gu)) {
    if (match[1] && match[1].split(/\s+/).length <= 4) add(match[1].trim(), 40);
  }
  for (const line of text.split(/\r?\n/, MAX_LINES)) {
    const words = line.trim().split(/\s+/, 60);
    const [only] = words;
    if (words.length === 1 && only && only.length >= 3 && !isAddress(only)) add(only, mixed(only) ? 60 : 42);
    for (const word of words) {
      if (isAddress(word)) continue;
      const clean = bare(word);
      const marked = word.replace(LEADING, '').replace(/[.,;:)\]}>"'’”»]+$/u, '');
      if (mixed(clean)) add(clean, /[^\p{L}\p{N}]/u.test(clean) ? 32 : 34);
      if (marked !== clean && mixed(marked)) add(marked, 31);
      else if (/^\d{4,12}$/.test(clean)) add(clean, 20);
      // Names of files carry theirs between underscores, hyphens and brackets.
      if (words.length === 1)
        for (const piece of clean.split(/[\s_\-.()[\]=+]+/, 20)) if (piece.length >= 3) add(piece, 17);
    }
  }
}

/** At least two of: small letters, capitals, digits, signs; one of them a digit or a sign within. */
function mixed(word: string): boolean {
  if (word.length < 5 || word.length > 40) return false;
  const kinds = [/\p{Ll}/u, /\p{Lu}/u, /\d/, /[^\p{L}\p{N}]/u].filter((kind) => kind.test(word)).length;
  if (/^[\d.,:/-]+$/.test(word) || /^\p{L}+(?:[-'’]\p{L}+)+$/u.test(word)) return false;
  return kinds >= 2 && /\d|[!@#$%^&*?+=]/.test(word);
}

const isAddress = (word: string): boolean => /:\/\/|^www\.|@[\w-]+\.|^<|[<>{};]/i.test(word);

/** A page's text without its tags, for {@link passwordCandidates}; linear in its length. */
export function textOfHtml(html: string): string {
  const parts: string[] = [];
  const source = html.slice(0, 4 * MAX_TEXT);
  let at = 0;
  while (at < source.length) {
    const open = source.indexOf('<', at);
    if (open < 0) break;
    parts.push(source.slice(at, open));
    const close = source.indexOf('>', open);
    if (close < 0) break;
    const tag = source.slice(open + 1, Math.min(close, open + 12)).toLowerCase();
    if (/^\/?(p|div|br|tr|td|li|h\d|table)\b/.test(tag)) parts.push('\n');
    at = close + 1;
    if (/^(style|script)\b/.test(tag)) {
      const end = source.indexOf(`</${tag.startsWith('style') ? 'style' : 'script'}`, at);
      at = end < 0 ? source.length : end;
    }
  }
  parts.push(source.slice(at));
  const entities: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'", apos: "'", nbsp: ' ' };
  return parts.join('').replace(/&(#39|\w{2,4});/g, (all, name: string) => entities[name] ?? all);
}
