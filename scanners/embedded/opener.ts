import type { Severity, UnscannableReason } from '../../domain/words';
import type { ContentType } from './content-type';
import type { Unpacker, UnpackBudget } from './unpack';

/** A file inside a container. `name` is the container's word for it and may be anything. */
export interface Member {
  name: string;
  data: Uint8Array;
  /** Given where the container knows it for sure: the part is then not looked at for its type. */
  type?: ContentType;
}

/** What a part shows by its structure. `place` leads from the part inwards, outermost first; `what` is one sentence for people, without text of the file. */
export interface PartFinding {
  rule: string;
  severity: Severity;
  what: string;
  place: string[];
}

/** A link as it stands in a part: its target, and what a reader sees in its place where that differs. */
export interface PartLink {
  url: string;
  shown?: string;
  place: string[];
}

/** What opening a part gave: the parts inside, why not all was seen, and what its structure shows. */
export interface Opened {
  members: Member[];
  gaps: ReadonlySet<UnscannableReason>;
  findings?: readonly PartFinding[];
  links?: readonly PartLink[];
}

/** What an opener may use. `budget` bounds what it returns; what goes beyond is the gap `limit_reached`. */
export interface OpenContext {
  /** The part's own name, without its containers. */
  name: string;
  type: ContentType;
  /** Gathered from the surroundings when first asked for: most containers are open. */
  passwords: Iterable<string>;
  /** Further candidates, for whoever can try them at no cost. */
  morePasswords?: Iterable<string>;
  budget: UnpackBudget;
  unpacker: Unpacker;
  /** Much time was spent on this file's pictures: only the first look at further ones. */
  hurried?: boolean;
}

/**
 * Opens one kind of container. Must end by itself on any input within its budget and may throw on damage: the walk then
 * records the gap `malformed`. Never answers with nothing for what it could not read.
 */
export type Opener = (data: Uint8Array, context: OpenContext) => Opened | Promise<Opened>;
