const UNITS = ['B', 'KB', 'MB', 'GB'] as const;

/** A number of bytes for a person. */
export function bytesText(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${value.toLocaleString(undefined, { maximumFractionDigits: value < 10 && unit > 0 ? 1 : 0 })} ${UNITS[unit] ?? ''}`;
}

/** Seconds between two times, with one digit where there are few. */
export function secondsBetween(from: string, to: string): string {
  const seconds = Math.max(0, (Date.parse(to) - Date.parse(from)) / 1000);
  return seconds.toLocaleString(undefined, { maximumFractionDigits: seconds < 10 ? 1 : 0 });
}
