import {
  AlgorithmSuiteIdentifier,
  buildClient,
  CommitmentPolicy,
  RawAesKeyringNode,
  RawAesWrappingSuiteIdentifier,
} from '@aws-crypto/client-node';

/**
 * The AWS Encryption SDK with the choices of Lazaret: key commitment demanded, no signature (writer and reader are the
 * same party), one encrypted data key. Message format 2.0 of the SDK, documented by AWS.
 */
export const esdk = buildClient({
  commitmentPolicy: CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT,
  maxEncryptedDataKeys: 1,
});

export const SUITE = AlgorithmSuiteIdentifier.ALG_AES256_GCM_IV12_TAG16_HKDF_SHA512_COMMIT_KEY;

/** Bytes. The SDK's default of 4 KiB is five times slower (docs: sealing, measured). */
export const FRAME_BYTES = 1024 * 1024;

export const KEY_BYTES = 32;

/** A keyring over one raw 256-bit key. @param key is copied */
export function rawKeyring(keyNamespace: string, keyName: string, key: Uint8Array): RawAesKeyringNode {
  return new RawAesKeyringNode({
    keyNamespace,
    keyName,
    unencryptedMasterKey: new Uint8Array(key),
    wrappingSuite: RawAesWrappingSuiteIdentifier.AES256_GCM_IV12_TAG16_NO_PADDING,
    utf8Sorting: true,
  });
}

/** Whether two encryption contexts have the same entries, no more and no less. */
export function sameContext(a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>): boolean {
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && a[key] === b[key]);
}
