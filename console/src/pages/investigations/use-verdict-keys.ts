import { useEffect } from 'react';
import type { DecidedVerdict } from '../../../../domain/words';

const KEYS: Readonly<Record<string, DecidedVerdict>> = { c: 'clean', m: 'malicious', s: 'suspicious' };

/** `c`, `m` and `s` choose a verdict, wherever the focus is but in a field or a dialog. */
export function useVerdictKeys(onChoose: (verdict: DecidedVerdict) => void): void {
  useEffect(() => {
    const listen = (event: KeyboardEvent): void => {
      const verdict = KEYS[event.key];
      if (verdict === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
      const { target } = event;
      const inField = target instanceof Element && target.closest('input, textarea, select, [role="dialog"]') !== null;
      if (inField || document.querySelector('[role="dialog"]') !== null) return;
      event.preventDefault();
      onChoose(verdict);
    };
    window.addEventListener('keydown', listen);
    return () => window.removeEventListener('keydown', listen);
  }, [onChoose]);
}
