import type { Attachment, ScanResult } from './model';
import type { World } from './world';

/** Put together at run time, so that no file of this repository is itself a detection. */
const EICAR = ['X5O!P%@AP[4\\PZX54(P^)7CC)7}$', 'EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*'].join('');

/** The result of the help desk's own scan, which comes some time after the upload (fact sheet §8). */
export function settleScan(world: World, attachment: Attachment): ScanResult {
  const settings = world.accounts.get(attachment.accountId)?.switches.zendeskScan;
  if (settings?.enabled !== true || attachment.scanResult !== 'not_scanned') return attachment.scanResult;
  if (world.clock() < attachment.createdAt + settings.delayMs) return attachment.scanResult;
  const bytes = world.blobs.get(attachment.blobId);
  const found = bytes?.includes(EICAR) === true ? 'malware_found' : 'malware_not_found';
  const scanResult: ScanResult = settings.fails || bytes === undefined ? 'failed_to_scan' : found;
  world.attachments.put(attachment.id, { ...(world.attachments.get(attachment.id) ?? attachment), scanResult });
  return scanResult;
}
