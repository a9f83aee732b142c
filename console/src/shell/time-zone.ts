import { useSyncExternalStore } from 'react';

const KEY = 'lazaret-time-zone';
const listeners = new Set<() => void>();

/** The zone of this browser. */
export const OWN_ZONE = new Intl.DateTimeFormat().resolvedOptions().timeZone;

/** Every zone that this browser knows. */
export function knownZones(): readonly string[] {
  return Intl.supportedValuesOf('timeZone');
}

function formatOf(zone: string): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'long', timeZone: zone });
}

/** What was chosen in this browser; a zone that it does not know counts as none. */
function keptZone(): string {
  const kept = localStorage.getItem(KEY) ?? '';
  return kept !== '' && knownZones().includes(kept) ? kept : '';
}

let chosen = keptZone();
let format = formatOf(chosen === '' ? OWN_ZONE : chosen);

/** Chooses the zone in which times are shown; an empty one is the browser's own. */
export function chooseZone(zone: string): void {
  chosen = zone;
  format = formatOf(zone === '' ? OWN_ZONE : zone);
  if (zone === '') localStorage.removeItem(KEY);
  else localStorage.setItem(KEY, zone);
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** The chosen zone; empty for the browser's own. */
export function useZone(): string {
  return useSyncExternalStore(subscribe, () => chosen);
}

/** Writes times in full, in the reader's zone. */
export function useExactTime(): (date: Date) => string {
  const current = useSyncExternalStore(subscribe, () => format);
  return (date) => current.format(date);
}
