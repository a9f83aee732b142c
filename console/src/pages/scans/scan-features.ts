import { tableFeatures } from '@tanstack/react-table';

/** What the table of scans does by itself: nothing, for the API sorts, filters and pages. */
export const scanFeatures = tableFeatures({});
export type ScanFeatures = typeof scanFeatures;
