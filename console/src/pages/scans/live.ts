import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { meQuery } from '../../api/session';

const POLL_MS = 15_000;
const GATHER_MS = 400;
const AGAIN_MS = 5000;

/** Which scans changed; `all` where that is not known. */
export type Changed = ReadonlySet<string> | 'all';
/** How the list hears of changes: at once, every few seconds, or not at the moment. */
export type Liveness = 'live' | 'asking' | 'lost';

/**
 * Calls `changed` when scans of the organisation changed: by the API's stream, or every few seconds where there is no
 * stream because the reader sees several organisations.
 */
export function useScanChanges(organisation: string | undefined, changed: (which: Changed) => void): Liveness {
  const [liveness, setLiveness] = useState<Liveness>('asking');
  const queries = useQueryClient();
  useEffect(() => {
    if (organisation === undefined) {
      setLiveness('asking');
      const poll = setInterval(() => changed('all'), POLL_MS);
      return () => clearInterval(poll);
    }
    return listen(organisation, {
      changed,
      alive: (alive) => {
        setLiveness(alive ? 'live' : 'lost');
        // Whether the server is out of reach, or only this stream of it, the frame finds out and says.
        if (!alive) void queries.refetchQueries({ queryKey: meQuery.queryKey });
      },
    });
  }, [organisation, changed, queries]);
  return liveness;
}

interface Listener {
  changed: (which: Changed) => void;
  alive: (alive: boolean) => void;
}

/** Keeps a stream open until the returned function is called; what comes within a moment is told at once. */
function listen(organisation: string, listener: Listener): () => void {
  let gathered: Set<string> | 'all' | undefined;
  let telling: ReturnType<typeof setTimeout> | undefined;
  let again: ReturnType<typeof setTimeout> | undefined;
  let stream: EventSource;
  const soon = (ids: readonly string[] | 'all'): void => {
    gathered = ids === 'all' || gathered === 'all' ? 'all' : new Set([...(gathered ?? []), ...ids]);
    telling ??= setTimeout(() => {
      const told = gathered ?? 'all';
      gathered = telling = undefined;
      listener.changed(told);
    }, GATHER_MS);
  };
  const open = (): void => {
    stream = new EventSource(`/api/v1/scan-changes?organisation=${encodeURIComponent(organisation)}`);
    // What changed while nobody listened does not come again, so the list is read after each opening.
    stream.addEventListener('open', () => {
      listener.alive(true);
      soon('all');
    });
    stream.addEventListener('scans', (event: MessageEvent<string>) => {
      const { ids, more } = JSON.parse(event.data) as { ids: string[]; more: boolean };
      soon(more ? 'all' : ids);
    });
    stream.addEventListener('error', () => {
      listener.alive(false);
      // An answer that is no stream ends it for good; a broken line the browser mends itself.
      if (stream.readyState === EventSource.CLOSED) again = setTimeout(open, AGAIN_MS);
    });
  };
  open();
  return () => {
    clearTimeout(telling);
    clearTimeout(again);
    stream.close();
  };
}
