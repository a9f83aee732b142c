import { WalkLinks } from '../../scanners/embedded/walk-links';

const path = () => ['a.zip'];

it('keeps two hundred links of one host, and takes a manual for no attack', () => {
  const links = new WalkLinks();
  const kept = Array.from({ length: 5_000 }, (_none, at) =>
    links.keep(`https://manual.example/${at}`, undefined, path),
  );
  expect(kept).not.toContain(false);
  expect(links.keep('https://other.example/', 'Other', path)).toBe(true);
  expect(links.all()).toHaveLength(201);
  expect(links.all().at(-1)).toEqual({ url: 'https://other.example/', shown: 'Other', path: ['a.zip'] });
});

it('says that there are too many hosts, or too long links', () => {
  const many = new WalkLinks();
  for (let at = 0; at < 2_000; at += 1) expect(many.keep(`https://h${at}.example/`, undefined, path)).toBe(true);
  expect(many.keep('https://one-more.example/', undefined, path)).toBe(false);
  const long = new WalkLinks();
  const kept = Array.from({ length: 400 }, (_none, at) =>
    long.keep(`https://h${at}.example/${'x'.repeat(3_900)}`, undefined, path),
  );
  expect(kept).toContain(false);
});
