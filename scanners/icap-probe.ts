import { deflateSync } from 'node:zlib';
import { chunkOf, type IcapConnection, type IcapPool } from './icap-pool';
import {
  judgeReply,
  optionsRequest,
  parseOptions,
  respmodHead,
  type IcapAddress,
  type IcapOptions,
  type IcapReply,
} from './icap-protocol';
import type { IcapSettings } from './icap-session';
import { probeZip } from './probe-zip';

/** What a service says about itself. @throws when it does not answer, or offers no RESPMOD */
export async function askOptions(pool: IcapPool, address: IcapAddress, timeoutMs: number): Promise<IcapOptions> {
  const reply = await exchange(pool, timeoutMs, optionsRequest(address));
  const options = reply && parseOptions(reply);
  if (!options?.respmod) throw new Error('the service offers no RESPMOD');
  return options;
}

/**
 * Shows a service harmless text and EICAR, alone and inside a PDF and a zip: a service that scans nothing, or nothing of a
 * format, answers 204 like one that found nothing.
 * @throws when it does not answer
 */
export async function probeService(
  pool: IcapPool,
  address: IcapAddress,
  timeoutMs: number,
): Promise<Pick<IcapSettings, 'detects' | 'says204' | 'blind'>> {
  const ask = async (sample: Buffer): Promise<ReturnType<typeof judgeReply>['kind']> => {
    const request = [respmodHead(address), ...chunkOf(sample), ...chunkOf(Buffer.alloc(0))];
    const reply = await exchange(pool, timeoutMs, ...request);
    const answer = reply && judgeReply(reply);
    if (!answer || answer.kind === 'refused') throw new Error('the service did not answer a probe');
    return answer.kind;
  };
  const says204 = (await ask(Buffer.from('Lazaret looks whether this service answers.'))) === 'unmodified';
  const detects = (await ask(testFile())) === 'found';
  const blind: IcapSettings['blind'][number][] = [];
  for (const { name, magic, sample } of detects ? CONTAINERS : []) {
    if ((await ask(sample())) !== 'found') blind.push({ name, magic });
  }
  return { says204, detects, blind };
}

async function exchange(pool: IcapPool, timeoutMs: number, ...request: Buffer[]): Promise<IcapReply | undefined> {
  const connection: IcapConnection = await pool.take(true);
  const timer = setTimeout(() => connection.destroy(), timeoutMs);
  try {
    const reply = connection.reply(1024 * 1024);
    await connection.write(...request);
    const heard = await reply;
    if (heard) pool.giveBack(connection, heard);
    return heard;
  } catch (error) {
    connection.destroy();
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

/** The EICAR test file, joined here so that no scanner finds it in this file. */
function testFile(): Buffer {
  return Buffer.from(['X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR', 'STANDARD-ANTIVIRUS-TEST-FILE!$H+H*'].join('-'));
}

const CONTAINERS = [
  { name: 'PDF', magic: Buffer.from('%PDF-'), sample: testPdf },
  { name: 'zip', magic: Buffer.from('PK\x03\x04'), sample: testZip },
];

/** Compressed: clamd 1.4.6 passes over a stream without a filter. */
function testPdf(): Buffer {
  const file = deflateSync(testFile());
  const open = Buffer.from(
    '%PDF-1.4\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n2 0 obj\n<< /Type /Pages /Kids [] /Count 0 >>\nendobj\n' +
      `3 0 obj\n<< /Type /EmbeddedFile /Filter /FlateDecode /Length ${file.length} >>\nstream\n`,
  );
  return Buffer.concat([open, file, Buffer.from('\nendstream\nendobj\ntrailer\n<< /Size 4 /Root 1 0 R >>\n%%EOF\n')]);
}

/** Its CRC is that of EICAR. */
function testZip(): Buffer {
  const body = testFile();
  return probeZip({ name: 'test.com', body, crc: 0x6851_cf3c, plainBytes: body.length, encrypted: false });
}
