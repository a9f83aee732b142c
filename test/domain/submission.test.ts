import { LONGEST_PAUSE_MS, nextLook, nextPause } from '../../domain/submission';

describe('the pause between two questions', () => {
  it('doubles up to four minutes', () => {
    const pauses = [1_000];
    for (let count = 0; count < 12; count += 1) pauses.push(nextPause(pauses.at(-1) ?? 0, 1_000));
    expect(pauses.slice(0, 4)).toEqual([1_000, 2_000, 4_000, 8_000]);
    expect(pauses.at(-1)).toBe(LONGEST_PAUSE_MS);
  });

  it('is never shorter than the engine asks for', () => {
    expect(nextPause(0, 10_000)).toBe(10_000);
    expect(nextPause(LONGEST_PAUSE_MS, 3_600_000)).toBe(3_600_000);
  });
});

describe('the next look', () => {
  it.each([
    ['in the middle of the wait', 10_000, 60_000, 10_000],
    ['shortly before the deadline, where the pause runs over it', 50_000, 30_000, 28_000],
    ['at the deadline, right after that', 50_000, 2_000, 2_000],
    ['at once, when the deadline has passed', 50_000, -5, 0],
  ])('comes %s', (_when, pauseMs, leftMs, expected) => {
    expect(nextLook(pauseMs, leftMs)).toBe(expected);
  });
});
