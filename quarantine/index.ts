export { createFileSealedStore } from './file-store';
export type { FileSealedStoreOptions } from './file-store';
export type { MasterKeys } from './master-keys';
export { SEAL_ERROR_KINDS, SealError } from './seal-error';
export type { SealErrorKind } from './seal-error';
export type { ListedSeal, Sealed, SealedStore, SealRef, SealWriter } from './sealed-store';
export { createSecretBox } from './secret-box';
export type { SecretBox } from './secret-box';
export { createSealedArchive } from './sealed-archive';
