interface ProbeEntry {
  name: string;
  body: Buffer;
  /** Of what the body says once it is decrypted. */
  crc: number;
  plainBytes: number;
  encrypted: boolean;
}

/** A zip with one entry that is not compressed, for asking an outside engine what it does with zips. */
export function probeZip(entry: ProbeEntry): Buffer {
  const [name, { body }] = [Buffer.from(entry.name), entry];
  const common = Buffer.alloc(26);
  common.writeUInt16LE(20, 0);
  common.writeUInt16LE(entry.encrypted ? 1 : 0, 2);
  common.writeUInt32LE(entry.crc, 10);
  common.writeUInt32LE(body.length, 14);
  common.writeUInt32LE(entry.plainBytes, 18);
  common.writeUInt16LE(name.length, 22);
  const local = Buffer.concat([Buffer.from('PK\x03\x04'), common, name, body]);
  const central = Buffer.concat([Buffer.from('PK\x01\x02\x14\x00'), common, Buffer.alloc(14), name]);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(1, 8);
  end.writeUInt16LE(1, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(local.length, 16);
  return Buffer.concat([local, central, end]);
}
