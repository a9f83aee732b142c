/** A key that wraps the keys of sealed files and encrypts tokens; its id is stored beside what it protects. */
export interface MasterKey {
  id: string;
  /** 32 bytes. */
  key: Buffer;
}

const KEY_BYTES = 32;

/**
 * Reads `id:base64,id2:base64`, the current key first. Throws an error that names the place of the wrong entry, never its
 * content.
 */
export function parseMasterKeys(text: string): readonly MasterKey[] {
  const keys = text.split(',').map((entry, index) => parseEntry(entry.trim(), index + 1));
  if (new Set(keys.map((key) => key.id)).size !== keys.length) throw new Error('two master keys have the same id');
  return keys;
}

function parseEntry(entry: string, place: number): MasterKey {
  const [, id, encoded] = /^([A-Za-z0-9._-]{1,64}):([A-Za-z0-9+/_-]{42,44}={0,2})$/.exec(entry) ?? [];
  if (id === undefined || encoded === undefined) throw new Error(`master key ${place} is not of the form id:base64`);
  const key = Buffer.from(encoded, 'base64');
  if (key.length !== KEY_BYTES) throw new Error(`master key ${place} is ${key.length} bytes long, not ${KEY_BYTES}`);
  return { id, key };
}
