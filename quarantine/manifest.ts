import { z } from 'zod';
import { esdk, KEY_BYTES, sameContext, SUITE } from './esdk';
import type { MasterKey, MasterKeyRing } from './master-keys';
import { SealError } from './seal-error';

/** What a seal authenticates about one file, and the key that opens it. */
export interface SealFacts {
  organisationId: string;
  sha256: string;
  length: number;
  sealId: string;
  /** Length of the encrypted file: nothing can be cut off or added unnoticed. */
  sealedLength: number;
}

const manifestSchema = z.strictObject({
  format: z.literal('lazaret-seal/1'),
  organisationId: z.string(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/u),
  length: z.int().nonnegative(),
  sealId: z.uuid(),
  sealedLength: z.int().positive(),
  masterKeyId: z.string(),
  masterKeyCheck: z.string(),
  wrappedKey: z.base64().max(8192),
});

/** The small file beside a sealed one. Its facts are readable; {@link unwrapFileKey} proves them. */
export type Manifest = z.infer<typeof manifestSchema>;

/** Wraps a file's key by a master key. The facts are the encryption context: they cannot be changed afterwards. */
export async function wrapFileKey(facts: SealFacts, fileKey: Uint8Array, masterKey: MasterKey): Promise<Manifest> {
  const { result } = await esdk.encrypt(masterKey.keyring, fileKey, {
    suiteId: SUITE,
    encryptionContext: keyContext(facts),
  });
  return {
    format: 'lazaret-seal/1',
    ...facts,
    masterKeyId: masterKey.id,
    masterKeyCheck: masterKey.check,
    wrappedKey: result.toString('base64'),
  };
}

/** The text that {@link parseManifest} reads. */
export function serialiseManifest(manifest: Manifest): string {
  return `${JSON.stringify(manifest)}\n`;
}

/** @throws SealError `tampered` where the text is no manifest */
export function parseManifest(text: string): Manifest {
  try {
    return manifestSchema.parse(JSON.parse(text));
  } catch (error) {
    throw new SealError('tampered', 'The key file of a sealed copy cannot be read.', { cause: error });
  }
}

/**
 * The file's key, after proof that every fact in the manifest is the one that was sealed.
 * @throws SealError `unknown_master_key` · `wrong_key` · `tampered`
 */
export async function unwrapFileKey(manifest: Manifest, masterKeys: MasterKeyRing): Promise<Uint8Array> {
  const masterKey = masterKeys.get(manifest.masterKeyId);
  if (masterKey.check !== manifest.masterKeyCheck) {
    throw new SealError('wrong_key', `The configured master key ${masterKey.id} is not the one that sealed this copy.`);
  }
  const { plaintext, messageHeader } = await decrypt(masterKey, Buffer.from(manifest.wrappedKey, 'base64'));
  if (!sameContext(messageHeader.encryptionContext, keyContext(manifest)) || plaintext.length !== KEY_BYTES) {
    throw new SealError('tampered', 'The key file of a sealed copy says something else than what was sealed.');
  }
  return plaintext;
}

async function decrypt(masterKey: MasterKey, message: Buffer) {
  try {
    return await esdk.decrypt(masterKey.keyring, message);
  } catch (error) {
    throw new SealError('tampered', 'The key of a sealed copy was changed after it was sealed.', { cause: error });
  }
}

function keyContext(facts: SealFacts): Record<string, string> {
  return {
    purpose: 'lazaret-seal-key',
    organisation: facts.organisationId,
    sha256: facts.sha256,
    length: String(facts.length),
    seal: facts.sealId,
    sealedLength: String(facts.sealedLength),
  };
}

/** Encryption context of the file itself, written before its hash and length are known. */
export function payloadContext(organisationId: string, sealId: string): Record<string, string> {
  return { purpose: 'lazaret-sealed-file', organisation: organisationId, seal: sealId };
}
