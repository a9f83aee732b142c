import type { EngineReport } from '../domain/inspection';
import type { UnscannableReason } from '../domain/words';
import type { SealWriter } from '../quarantine/sealed-store';

/** What one pass over the bytes gave. Exactly one of the three. */
export type Pass =
  | {
      kind: 'read';
      sha256: string;
      length: number;
      reports: EngineReport[];
      seal: SealWriter;
      ms: number;
      cached: boolean;
    }
  | { kind: 'unreadable'; reason: UnscannableReason }
  | { kind: 'blocked' };

/** A pass in which the file was read. */
export type ReadPass = Extract<Pass, { kind: 'read' }>;

/** A file that was read, with all that engines said. `outside`: those that answer later, where any was asked. */
export interface InspectedFile {
  sha256: string;
  length: number;
  reports: EngineReport[];
  outside?: EngineReport[];
  ms: number;
  cached: boolean;
  /** Where the pass that read it still has its copy. */
  seal?: SealWriter;
}
