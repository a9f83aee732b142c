/**
 * Cheap questions about a text, asked before it is kept at all: most comments hold neither a link nor a password. Each says
 * yes too often rather than once too rarely; the real search is `scanners/links`.
 */

/** What no link can do without: a dot inside a word, a scheme, slashes, or one of the ways in which dots are written out. */
const LINK =
  /[.．。｡․﹒][^\s.．。｡․﹒]|:\s?[/\\／＼]|[/\\／＼]{2}|[[({<]\s?(?:[.,]|d[o0]t|p[ou])|\sdot\s|\b(?:file|smb|search-ms|ms-[a-z]{2,20}|vbscript|data|javascript):/iu;

/** True unless the text surely holds no link. */
export function mayHoldLinks(text: string): boolean {
  return LINK.test(text);
}

const PASSWORD =
  /pass|pwd|\bpw\b|\bpin\b|kenn?wort|code|mot de|contrase|senha|parola|wachtwoord|l[oö]senord|haslo|hasło|heslo|парол|密码|密碼|パスワード|비밀번호|unlock|decrypt|encrypt|zip|infected/iu;

/** True where a password of an attached file may stand in the text. */
export function mayHoldPasswords(text: string): boolean {
  return PASSWORD.test(text);
}
