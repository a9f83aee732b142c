import { useSyncExternalStore } from 'react';
import { useExactTime } from '../shell/time-zone';

const TICK_MS = 15_000;
const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto', style: 'short' });
const UNITS = [
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
] as const;

let now = Date.now();
const waiting = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;

function onTick(listener: () => void): () => void {
  waiting.add(listener);
  timer ??= setInterval(() => {
    now = Date.now();
    for (const one of waiting) one();
  }, TICK_MS);
  return () => {
    waiting.delete(listener);
    if (waiting.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

/** A time in words relative to now; the exact one, in the reader's zone, on hover and where `full` asks for it. */
export function When({ at, full = false }: { at: string; full?: boolean }) {
  const current = useSyncExternalStore(onTick, () => now);
  const date = new Date(at);
  const inFull = useExactTime()(date);
  return (
    <time dateTime={at} title={inFull}>
      {full ? inFull : ago(date, current)}
    </time>
  );
}

function ago(date: Date, current: number): string {
  const seconds = (date.getTime() - current) / 1000;
  for (const [unit, length] of UNITS) {
    if (Math.abs(seconds) >= length) return relative.format(Math.trunc(seconds / length), unit);
  }
  return Math.abs(seconds) < 5 ? 'just now' : relative.format(Math.trunc(seconds), 'second');
}
