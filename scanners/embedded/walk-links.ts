import { cutMiddle } from '../../domain/text';
import { MAX_LINK_CHARACTERS, MAX_LINKS, MAX_LINKS_OF_HOST, type ChildLink } from './protocol';

/** Links of all parts of one file, each address once, in bounds. */
export class WalkLinks {
  private readonly found = new Map<string, ChildLink>();
  private readonly ofHost = new Map<string, number>();
  private characters = 0;

  /** Keeps a link. @returns false where there are too many; repetitions of one host are left out without a word */
  keep(url: string, shown: string | undefined, path: () => string[]): boolean {
    if (this.found.has(url)) return true;
    const host = /^[a-z][a-z0-9+.-]*:\/*([^/?#]*)/iu.exec(url)?.[1]?.toLowerCase() ?? '';
    const known = this.ofHost.get(host) ?? 0;
    if (known >= MAX_LINKS_OF_HOST) return true;
    if (this.found.size >= MAX_LINKS || this.characters > MAX_LINK_CHARACTERS) return false;
    this.ofHost.set(host, known + 1);
    this.characters += url.length + (shown?.length ?? 0);
    this.found.set(url, {
      url: url.slice(0, 4_000),
      ...(shown !== undefined && { shown: cutMiddle(shown, 2_000) }),
      path: path(),
    });
    return true;
  }

  all(): ChildLink[] {
    return [...this.found.values()];
  }
}
