import { maskUrl } from '../../domain/url-mask';
import { createJudge, isSingleUse, unwrapLink } from '../../scanners/links';

const judge = createJudge(['acme-corp.com']);

it.each([
  ['http://google.com@evil.com/x', 'medium Link_Host_Behind_At_Sign'],
  ['http://paypa1.com/', 'high Link_Host_Imitates_Brand'],
  ['http://раураl.com/', 'high Link_Host_Imitates_Brand'],
  ['http://acme-c0rp.com/', 'high Link_Host_Imitates_Brand'],
  ['http://paypal.com.secure.evil.com/', 'high Link_Brand_In_Front_Of_Host'],
  ['http://gooogle.com/', 'medium Link_Host_Resembles_Brand'],
  ['https://microsoft-login.web.app/', 'medium Link_Brand_Beside_Login_Words'],
  ['\\\\8.8.8.8\\x', 'medium Link_Opens_File_Share'],
  ['file:////8.8.8.8/x', 'medium Link_Opens_File_Share'],
  ['file:///c:/x', 'low Link_Local_File'],
  ['ms-msdt:/id', 'high Link_Starts_System_Program'],
  ['https://www.paypal.com/login', ''],
  ['https://shopify.com/', ''],
])('judges %s: %s', (url, expected) => {
  const [worst] = judge({ url }).findings;
  expect(worst ? `${worst.severity} ${worst.rule}` : '').toBe(expected);
});

it('unwraps, spares and masks', () => {
  expect(unwrapLink('https://urldefense.proofpoint.com/v2/url?u=https-3A__www.example.com_a-3Fb-3Dc').target).toBe(
    'https://www.example.com/a?b=c',
  );
  expect(isSingleUse('https://example.com/reset?token=x')).toBe(true);
  expect(isSingleUse('https://example.com/pricing?lang=de')).toBe(false);
  expect(maskUrl('https://u:p@example.com/a/0123456789abcdef0123/b?x=1#y').text).toBe(
    'https://…@example.com/a/…/b?…#…',
  );
});
