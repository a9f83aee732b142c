import { parseSubdomain } from '../../zendesk/subdomain';

describe('parseSubdomain', () => {
  test.each([
    ['acme', 'acme'],
    ['  Acme ', 'acme'],
    ['acme-2.zendesk.com', 'acme-2'],
    ['https://acme.zendesk.com', 'acme'],
    ['https://ACME.zendesk.com/agent/tickets/1?brand=x#y', 'acme'],
    ['http://acme.zendesk.com:443/', 'acme'],
  ])('reads %j as %j', (input, subdomain) => {
    expect(parseSubdomain(input)).toEqual({ ok: true, subdomain });
  });

  test.each([
    ['', /Enter the sub-domain/],
    ['127.0.0.1', /IP address/],
    ['https://127.0.0.1:8080/x', /IP address/],
    ['http://[::1]/', /IP address/],
    ['2130706433', /is a number/],
    ['https://acme.example.com', /not an address of zendesk.com/],
    ['acme.zendesk.com.evil.test', /not an address of zendesk.com/],
    ['https://evil.test/acme.zendesk.com', /not an address of zendesk.com/],
    ['https://evil.test?acme.zendesk.com', /not an address of zendesk.com/],
    ['https://evil.test#.zendesk.com', /not an address of zendesk.com/],
    ['https://evil.test\\.zendesk.com', /no host name has/],
    ['https://evil.test%2f.zendesk.com', /no host name has/],
    ['https://user:pw@acme.zendesk.com', /user name or password/],
    ['https://acme.zendesk.com@evil.test', /user name or password/],
    ['https://acme.zendesk.com:8443', /port/],
    ['ftp://acme.zendesk.com', /https/],
    ['javascript://acme.zendesk.com', /https/],
    ['xn--acm-dma.zendesk.com', /punycode/],
    ['xn--acm-dma', /punycode/],
    ['аcme', /look-alike/],
    ['ac me', /look-alike/],
    ['a.b.zendesk.com', /more parts/],
    ['-acme', /hyphen/],
    ['a'.repeat(64), /1 to 63/],
    ['.zendesk.com', /1 to 63/],
    ['www', /Zendesk itself/],
    ['x'.repeat(3000), /too long/],
  ])('refuses %j', (input, sentence) => {
    const answer = parseSubdomain(input);
    expect(answer).toEqual({ ok: false, refusal: expect.stringMatching(sentence) });
  });
});
