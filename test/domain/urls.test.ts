import { canParseUrl } from '../../domain/urls';

it('takes addresses with letters beyond ASCII however often it is asked', () => {
  const [good, bad] = JSON.parse('["https://b\\u00fccher.example", "https://"]') as [string, string];
  let right = 0;
  for (let turn = 0; turn < 200_000; turn += 1) right += Number(canParseUrl(good) && !canParseUrl(bad));
  expect(right).toBe(200_000);
});
