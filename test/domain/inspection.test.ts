import fc from 'fast-check';
import { decideVerdict } from '../../domain/inspection';
import type { EngineReport, Finding } from '../../domain/inspection';
import { SEVERITIES, UNSCANNABLE_REASONS } from '../../domain/words';
import type { Severity } from '../../domain/words';

const finding = (severity: Severity): Finding => ({ engine: 'e', rule: 'r', severity, path: [], what: 'something' });

function report(engine: string, result: EngineReport['result'], more: Partial<EngineReport> = {}): EngineReport {
  return { engine, engineVersion: '1', rulesVersion: '1', result, findings: [], ms: 1, ...more };
}

const clean = (engine: string) => report(engine, 'clean');
const found = (engine: string, severity: Severity) => report(engine, 'findings', { findings: [finding(severity)] });

describe('the machine verdict', () => {
  it('is clean only when every required engine said so', () => {
    expect(decideVerdict([clean('a'), clean('b')], ['a', 'b'])).toEqual({ verdict: 'clean' });
    expect(decideVerdict([clean('a')], [])).toEqual({ verdict: 'clean' });
  });

  it('is unscannable without a single report', () => {
    expect(decideVerdict([], [])).toEqual({ verdict: 'unscannable', reason: 'engine_unavailable' });
    expect(decideVerdict([], ['a'])).toEqual({ verdict: 'unscannable', reason: 'engine_unavailable' });
  });

  it('is unscannable when a required engine is missing, whatever the others say', () => {
    expect(decideVerdict([clean('a')], ['a', 'b'])).toEqual({ verdict: 'unscannable', reason: 'engine_unavailable' });
    expect(decideVerdict([found('a', 'medium')], ['b'])).toMatchObject({ verdict: 'unscannable' });
  });

  it.each(UNSCANNABLE_REASONS)('is unscannable(%s) when a required engine failed for that reason', (reason) => {
    const reports = [clean('a'), report('b', 'error', { reason })];
    expect(decideVerdict(reports, ['a', 'b'])).toEqual({ verdict: 'unscannable', reason });
  });

  it('is not changed by an error of an engine that nobody requires', () => {
    const reports = [clean('a'), report('extra', 'error', { reason: 'engine_crashed' })];
    expect(decideVerdict(reports, ['a'])).toEqual({ verdict: 'clean' });
  });

  it('is unscannable when the only answer is an error, even of an engine that nobody requires', () => {
    const reports = [report('extra', 'error', { reason: 'engine_crashed' })];
    expect(decideVerdict(reports, [])).toEqual({ verdict: 'unscannable', reason: 'engine_crashed' });
  });

  it('takes an engine that does not know the file for no answer', () => {
    expect(decideVerdict([clean('a'), report('look-up', 'unknown')], ['a'])).toEqual({ verdict: 'clean' });
    expect(decideVerdict([report('look-up', 'unknown')], [])).toMatchObject({ verdict: 'unscannable' });
    expect(decideVerdict([clean('a'), report('look-up', 'unknown')], ['a', 'look-up'])).toEqual({
      verdict: 'unscannable',
      reason: 'engine_unavailable',
    });
  });

  it('is unscannable when any engine could not look into the file, required or not', () => {
    const reports = [clean('a'), report('extra', 'unscannable', { reason: 'encrypted' })];
    expect(decideVerdict(reports, ['a'])).toEqual({ verdict: 'unscannable', reason: 'encrypted' });
  });

  it('believes a serious finding over everything that could not be answered', () => {
    for (const severity of ['high', 'critical'] as const) {
      const reports = [
        report('a', 'unscannable', { reason: 'encrypted', findings: [finding(severity)] }),
        report('b', 'error', { reason: 'timeout' }),
      ];
      expect(decideVerdict(reports, ['a', 'b', 'missing'])).toEqual({ verdict: 'malicious' });
    }
  });

  it.each([
    ['info', 'clean'],
    ['low', 'clean'],
    ['medium', 'suspicious'],
    ['high', 'malicious'],
    ['critical', 'malicious'],
  ] as const)('for a finding of severity %s is %s', (severity, verdict) => {
    expect(decideVerdict([found('a', severity), clean('b')], ['a', 'b']).verdict).toBe(verdict);
  });
});

const engines = ['a', 'b', 'c'];
const anyReport: fc.Arbitrary<EngineReport> = fc.record({
  engine: fc.constantFrom(...engines),
  engineVersion: fc.constant('1'),
  rulesVersion: fc.constant('1'),
  result: fc.constantFrom('clean', 'findings', 'unscannable', 'error'),
  findings: fc.array(fc.constantFrom(...SEVERITIES).map(finding), { maxLength: 2 }),
  ms: fc.constant(1),
});
const anyReports = fc.array(anyReport, { maxLength: 5 });
const anyRequired = fc.subarray(engines);

describe('for all reports', () => {
  it('unknown is never clean', () => {
    fc.assert(
      fc.property(anyReports, anyRequired, (reports, required) => {
        if (decideVerdict(reports, required).verdict !== 'clean') return true;
        const answered = (name: string) =>
          reports.some((one) => one.engine === name && (one.result === 'clean' || one.result === 'findings'));
        return reports.some((one) => answered(one.engine)) && required.every(answered);
      }),
      { numRuns: 2000 },
    );
  });

  it('a serious finding is never anything but malicious, and nothing else is malicious', () => {
    fc.assert(
      fc.property(anyReports, anyRequired, (reports, required) => {
        const serious = reports.some((one) =>
          one.findings.some((thing) => thing.severity === 'high' || thing.severity === 'critical'),
        );
        return serious === (decideVerdict(reports, required).verdict === 'malicious');
      }),
      { numRuns: 2000 },
    );
  });

  it('the order of the reports does not change the verdict, and every unscannable has a reason', () => {
    fc.assert(
      fc.property(anyReports, anyRequired, (reports, required) => {
        const one = decideVerdict(reports, required);
        const other = decideVerdict([...reports].reverse(), required);
        return one.verdict === other.verdict && (one.verdict === 'unscannable') === (one.reason !== undefined);
      }),
    );
  });
});
