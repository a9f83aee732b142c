import { useSyncExternalStore } from 'react';
import styled from 'styled-components';

let said = '';
const listeners = new Set<() => void>();

/** Says a sentence to screen readers, without moving the focus. */
export function announce(sentence: string): void {
  said = sentence;
  for (const listener of listeners) listener();
}

const Hidden = styled.div`
  position: absolute;
  width: 1px;
  height: 1px;
  overflow: hidden;
  clip-path: inset(50%);
`;

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Where {@link announce} is heard; there is one of it. */
export function LiveRegion() {
  const sentence = useSyncExternalStore(subscribe, () => said);
  return (
    <Hidden role="status" aria-live="polite">
      {sentence}
    </Hidden>
  );
}
