/**
 * Ends the process with `status` when nobody reads its lines any longer, as behind `| head`: what was not printed was not
 * said, so this is neither a success nor a finding.
 */
export function endWithReader(status: number): void {
  process.stdout.once('error', () => process.exit(status));
}
