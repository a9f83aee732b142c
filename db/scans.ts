import type { EngineReport, Finding, MachineVerdict } from '../domain/inspection';
import type { Queryable } from './pool';

export interface NewScan {
  organisationId: string;
  itemId: string;
  sha256: string;
  /** `pending`: engines that answer later have not answered yet. */
  verdict: MachineVerdict | { verdict: 'pending'; reason?: undefined };
  reports: readonly EngineReport[];
  ms: number;
}

/** Records one inspection with its findings. @returns the scan's id */
export async function insertScan(db: Queryable, scan: NewScan): Promise<string> {
  const engines = scan.reports.map(({ engine, engineVersion, rulesVersion, result, reason, ms }) => {
    return { engine, engineVersion, rulesVersion, result, reason, ms };
  });
  const { rows } = await db.query<{ id: string }>(
    `insert into scans (organisation_id, item_id, sha256, verdict, reason, engines, ms) values ($1, $2, $3, $4, $5, $6, $7) returning id`,
    [
      scan.organisationId,
      scan.itemId,
      scan.sha256,
      scan.verdict.verdict,
      scan.verdict.reason ?? null,
      JSON.stringify(engines),
      Math.round(scan.ms),
    ],
  );
  const id = rows[0]?.id;
  if (!id) throw new Error('insert of a scan: expected its id back, got nothing');
  const findings = scan.reports.flatMap((report) => report.findings);
  if (findings.length > 0) await insertFindings(db, scan, id, findings);
  return id;
}

async function insertFindings(
  db: Queryable,
  scan: NewScan,
  scanId: string,
  findings: readonly Finding[],
): Promise<void> {
  await db.query(
    `insert into findings (organisation_id, item_id, scan_id, engine, rule, severity, path, what, analyst, author, reference, licence)
     select $1, $2, $3, f.engine, f.rule, f.severity, f.path, f.what, f.analyst, f.author, f.reference, f.licence
     from jsonb_to_recordset($4::jsonb)
       as f(engine text, rule text, severity text, path text[], what text, analyst text, author text, reference text, licence text)`,
    [scan.organisationId, scan.itemId, scanId, JSON.stringify(findings).replaceAll('\\u0000', '')],
  );
}

export type FindingRow = Pick<Finding, 'engine' | 'rule' | 'severity' | 'path' | 'what'>;

/** Findings of the newest inspection of an item. */
export async function readNewestFindings(db: Queryable, itemId: string): Promise<FindingRow[]> {
  const { rows } = await db.query<FindingRow>(
    `select engine, rule, severity, path, what from findings
     where scan_id = (select id from scans where item_id = $1 order by created_at desc limit 1) order by id`,
    [itemId],
  );
  return rows;
}
