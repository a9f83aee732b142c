import fc from 'fast-check';
import { messageIdFor, parseAddress } from '../../email/address';

describe('notification addresses', () => {
  test.each([
    ['jo@example.com', 'jo@example.com'],
    ['  jo@Example.COM ', 'jo@example.com'],
    ["o'neil+zd@mail.example.co.uk", "o'neil+zd@mail.example.co.uk"],
    ['jo@xn--bcher-kva.example', 'jo@xn--bcher-kva.example'],
  ])('takes %j', (input, address) => expect(parseAddress(input)).toEqual({ ok: true, address }));

  test.each([
    ['', 'Enter an e-mail address.'],
    ['a@b.de\r\nBcc: c@d.de', 'An e-mail address contains no line breaks or hidden characters.'],
    ['a\u200b@b.de', 'An e-mail address contains no line breaks or hidden characters.'],
    ['a@b.de, c@d.de', 'Enter one e-mail address, without spaces, commas or semicolons.'],
    ['a@b.de;c@d.de', 'Enter one e-mail address, without spaces, commas or semicolons.'],
    ['<a@b.de>', 'Enter the address alone, without a name, brackets or quotes.'],
    ['"a"@b.de', 'Enter the address alone, without a name, brackets or quotes.'],
    ['a@[127.0.0.1]', 'Enter the address alone, without a name, brackets or quotes.'],
    [`a@${'b'.repeat(260)}.de`, 'An e-mail address has at most 254 characters.'],
    ['nobody', 'An e-mail address has the form name@example.com.'],
    ['@b.de', 'An e-mail address has the form name@example.com.'],
    [`${'a'.repeat(65)}@b.de`, 'The part before the @ has at most 64 characters.'],
    ['a..b@c.de', 'The part before the @ has characters that no mail server takes.'],
    ['a@b@c.de', 'The part before the @ has characters that no mail server takes.'],
    ['a@localhost', 'The part after the @ is no domain name, like example.com.'],
    ['a@10.0.0.1', 'The part after the @ is no domain name, like example.com.'],
    ['a@-b.de', 'The part after the @ is no domain name, like example.com.'],
  ])('refuses %j', (input, refusal) => expect(parseAddress(input)).toEqual({ ok: false, refusal }));

  test('never lets through what could end a header', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (text) => {
        const parsed = parseAddress(`${text}@example.com`);
        if (parsed.ok) expect(parsed.address).toMatch(/^[!-~]+@example\.com$/u);
      }),
    );
  });
});

describe('Message-ID', () => {
  test('is the same for the same batch and address, another for any other, and hides the address', () => {
    const id = messageIdFor('batch-1', 'jo@example.com', 'lazaret.example');
    expect(id).toMatch(/^<[0-9a-f]{40}@lazaret\.example>$/u);
    expect(messageIdFor('batch-1', 'jo@example.com', 'lazaret.example')).toBe(id);
    expect(messageIdFor('batch-2', 'jo@example.com', 'lazaret.example')).not.toBe(id);
    expect(messageIdFor('batch-1', 'ko@example.com', 'lazaret.example')).not.toBe(id);
    expect(messageIdFor('b', 'a@b.de', 'x>\r\ny')).toMatch(/^<[0-9a-f]{40}@xy>$/u);
  });
});
