import { useEffect } from 'react';

const POLL_MS = 15_000;
const GATHER_MS = 400;

/**
 * Calls `changed` when scans of the organisation changed: by the API's stream, or every few seconds where there is no
 * stream because the reader sees several organisations.
 */
export function useScanChanges(organisation: string | undefined, changed: () => void): void {
  useEffect(() => {
    if (organisation === undefined) {
      const poll = setInterval(changed, POLL_MS);
      return () => clearInterval(poll);
    }
    let gathered: ReturnType<typeof setTimeout> | undefined;
    const soon = (): void => {
      clearTimeout(gathered);
      gathered = setTimeout(changed, GATHER_MS);
    };
    const stream = new EventSource(`/api/v1/scan-changes?organisation=${encodeURIComponent(organisation)}`);
    // What changed while nobody listened does not come again, so the list is read after each opening.
    stream.addEventListener('open', soon);
    stream.addEventListener('scans', soon);
    return () => {
      clearTimeout(gathered);
      stream.close();
    };
  }, [organisation, changed]);
}
