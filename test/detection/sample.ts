/** A file made at run time, with what an inspection must say of it. Its only payload is the EICAR test file, or none. */
export interface Sample {
  /** Row of the table, e.g. `zip`, `docm`, `html smuggling`. */
  kind: string;
  name: string;
  bytes: Buffer;
  /** `refused`: anything but clean. */
  expect: 'malicious' | 'suspicious' | 'unscannable' | 'refused' | 'clean';
  /** The ticket's conversation, where passwords may stand. */
  text?: string;
}

/** Every file of `kinds/` exports one of these as `samples`. */
export type SampleMaker = () => Sample[] | Promise<Sample[]>;
