import { passwordCandidates, textOfHtml } from '../../scanners/embedded/passwords';

const first = (text: string): string[] => passwordCandidates([], [text], 8);

test.each([
  ['Hi, the password is S3cret-77.', 'S3cret-77'],
  ['Password: infected2024', 'infected2024'],
  ['password for the archive: hunter2!', 'hunter2!'],
  ['PW=abc', 'abc'],
  ['pw: 4711', '4711'],
  ['The zip file is protected. Use the passcode "blue sky 9" to open it', 'blue sky 9'],
  ['Das Passwort lautet Geheim.2024', 'Geheim.2024'],
  ['Das Kennwort für die Datei ist: ÄrgerÖl1', 'ÄrgerÖl1'],
  ['Le mot de passe est « soleil »', 'soleil'],
  ['Mot de passe : Fact2024', 'Fact2024'],
  ['La contraseña es perro123', 'perro123'],
  ['Пароль: секрет1', 'секрет1'],
  ['пароль к архиву 7788', '7788'],
  ['密码：abc888', 'abc888'],
  ['解压密码是 qwe123', 'qwe123'],
  ['A senha é Brasil10', 'Brasil10'],
  ['Hasło: zima2023', 'zima2023'],
  ['Please find the invoice attached.\n\nPassword:\nXk9-22\n\nRegards', 'Xk9-22'],
  ['See the attachment.\nXk9$22\nKind regards\nAnna', 'Xk9$22'],
  ['the password is: correct horse battery. Thanks', 'correct horse battery'],
  ['Use P@ssw0rd! for opening it', 'P@ssw0rd!'],
  ['invoice_pw_1234', '1234'],
  ['report-password-Secret7', 'Secret7'],
  ['sample [infected].zip', 'infected'],
  ['no words at all', 'infected'],
])('%j leads to %s among the first eight', (text, password) => {
  expect(first(text)).toContain(password);
});

test('what is known beforehand leads, labelled words follow, and each stands once', () => {
  const found = passwordCandidates(['given'], ['password: one', 'password: one\nlonely1'], 64);
  expect(found.slice(0, 2)).toEqual(['given', 'one']);
  expect(new Set(found).size).toBe(found.length);
});

test('a nearer text beats a farther one', () => {
  const found = passwordCandidates([], ['password: near', 'password: far'], 64);
  expect(found.indexOf('near')).toBeLessThan(found.indexOf('far'));
});

test('a page gives its words without tags, styles and scripts', () => {
  const page = '<style>p { color: red }</style><p>Pass<b>word</b>: A&amp;B&nbsp;</p><script>password = "no"</script>';
  expect(textOfHtml(page).trim()).toBe('Password: A&B');
});

test.each([
  'password '.repeat(7_000),
  '"'.repeat(60_000),
  'a1!'.repeat(20_000),
  '<'.repeat(60_000),
  'pw: \n'.repeat(12_000),
])('hostile text %# ends with few candidates', (text) => {
  expect(passwordCandidates([], [text, textOfHtml(text)], 64).length).toBeLessThanOrEqual(64);
});
