import { z } from 'zod';

/** Counts of engines by what they said (VirusTotal API v3, object `file`, `last_analysis_stats`). */
const stats = z.object({
  malicious: z.int().nonnegative(),
  suspicious: z.int().nonnegative(),
  undetected: z.int().nonnegative(),
  harmless: z.int().nonnegative(),
});
export type VirusTotalStats = z.output<typeof stats>;

/** Answer to `GET /files/{sha256}`. */
export const fileSchema = z.object({
  data: z.object({
    id: z.string(),
    attributes: z.object({ last_analysis_stats: stats, last_analysis_date: z.int().nonnegative().optional() }),
  }),
});

/** Answer to `POST /files`. */
export const submissionSchema = z.object({ data: z.object({ id: z.string().regex(/^[\w=+/-]{1,500}$/) }) });

/** Answer to `GET /files/upload_url`. */
export const uploadUrlSchema = z.object({ data: z.string() });

/** Answer to `GET /analyses/{id}`. */
export const analysisSchema = z.object({
  data: z.object({
    attributes: z.object({ status: z.string(), stats: stats.optional(), date: z.int().nonnegative().optional() }),
  }),
  meta: z.object({ file_info: z.object({ sha256: z.string() }) }).optional(),
});
