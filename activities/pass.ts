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
