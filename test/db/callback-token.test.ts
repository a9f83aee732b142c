import { createHash } from 'node:crypto';
import { callbackTokenMatches, createCallbackToken, hashCallbackToken } from '../../db/callback-token';

test('a token matches its own hash and no other', () => {
  const [one, two] = [createCallbackToken(), createCallbackToken()];
  expect(one.token).not.toBe(two.token);
  expect(callbackTokenMatches(one.token, one.hash)).toBe(true);
  expect(callbackTokenMatches(two.token, one.hash)).toBe(false);
});

test('what is stored is the SHA-256, from which the token does not follow', () => {
  const { token, hash } = createCallbackToken();
  expect(hash).toEqual(createHash('sha256').update(token).digest());
  expect(hashCallbackToken(token)).toEqual(hash);
});

test.each(['', 'short', 'a'.repeat(44), `${'a'.repeat(42)}=`, `${'a'.repeat(42)}é`, `${'a'.repeat(42)} `])(
  'refuses %p without a look at any table',
  (presented) => {
    expect(hashCallbackToken(presented)).toBeUndefined();
    expect(callbackTokenMatches(presented, createCallbackToken().hash)).toBe(false);
  },
);

test('a stored hash of another length matches nothing', () => {
  const { token, hash } = createCallbackToken();
  expect(callbackTokenMatches(token, hash.subarray(1))).toBe(false);
});
