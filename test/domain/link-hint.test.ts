import { findWhole } from '../../domain/link-text';
import { mayHoldLinks, mayHoldPasswords } from '../../domain/link-hint';

describe('whether a text may hold a link', () => {
  it.each([
    'see https://a.example',
    'hxxps://a[.]example',
    'evil(.)example',
    'evil [dot] example',
    'evil dot com',
    'example。com',
    'http:\\\\evil',
    'www.a.example',
    'a.example',
    '10.0.0.1/x',
    'javascript:alert(1)',
    '\\\\server@80\\share',
    'http:\u200b//a',
    'e\u200b.\u200bcom',
  ])('says yes to %j', (text) => expect(mayHoldLinks(text)).toBe(true));

  it.each(['The printer is broken.', 'Thank you! It works. Bye', 'Wait... what?', 'Hello, world', ''])(
    'says no to %j',
    (text) => expect(mayHoldLinks(text)).toBe(false),
  );
});

it.each(['The password is 1234', 'Kennwort: x', 'PW 77', 'contraseña', 'пароль', '密码是 1'])(
  'says that a password may stand in %j',
  (text) => expect(mayHoldPasswords(text)).toBe(true),
);

it('says that no password stands in everyday words', () => {
  expect(mayHoldPasswords('The printer is broken.')).toBe(false);
});

it('finds words as a whole', () => {
  expect(findWhole('t.co, next.com (t.co)', 't.co')).toEqual([0, 16]);
  expect(findWhole('aaa', '')).toEqual([]);
});
