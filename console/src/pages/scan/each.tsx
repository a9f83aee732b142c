import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { ApiProblem } from '../../api/client';
import type { Scan } from '../../api/client';
import { ProblemNotice } from '../../parts/problem';
import { Untrusted } from '../../parts/untrusted';
import { t } from '../../texts';

interface Refused {
  scan: Scan;
  error: unknown;
}

/**
 * Sends one request for each scan, one after the other; those that were refused are kept, with the reason of each, and
 * sent again by the next try.
 */
export function useEach(scans: readonly Scan[], send: (scan: Scan) => Promise<unknown>, done: (count: number) => void) {
  const queries = useQueryClient();
  const [open, setOpen] = useState(scans);
  const [refused, setRefused] = useState<readonly Refused[]>([]);
  const work = useMutation({
    mutationFn: async () => {
      const failed: Refused[] = [];
      for (const scan of open) await send(scan).catch((error: unknown) => failed.push({ scan, error }));
      return failed;
    },
    onSuccess: async (failed) => {
      setRefused(failed);
      setOpen(failed.map((one) => one.scan));
      await queries.invalidateQueries({ queryKey: ['scan'] });
      if (failed.length === 0) done(scans.length);
    },
  });
  return { refused, isSending: work.isPending, send: () => work.mutate() };
}

/** What was refused of several requests, each with its reason. */
export function RefusedList({ refused }: { refused: readonly Refused[] }) {
  const [first, ...others] = refused;
  if (!first) return null;
  if (others.length === 0) return <ProblemNotice error={first.error} />;
  return (
    <div role="alert">
      <strong>{t.scans.bulk.refused(refused.length)}</strong>
      <ul>
        {refused.map(({ scan, error }) => (
          <li key={scan.id}>
            <Untrusted text={scan.displayName} max={60} />:{' '}
            {error instanceof ApiProblem ? error.message : String(error)}
          </li>
        ))}
      </ul>
    </div>
  );
}
