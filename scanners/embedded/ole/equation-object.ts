import { CompoundFile } from './cfb';
import { judgeEquation } from './equation';

/** Whether a compound file is an equation object that reads like one: its own stream, whole and plain, and no data of OLE 1. */
export function isPlainEquation(bytes: Buffer): boolean {
  try {
    const file = new CompoundFile(bytes);
    const stream = file.find('Equation Native');
    if (!stream || file.find('\x01Ole10Native')) return false;
    const { data, whole } = file.read(stream, bytes.length);
    const rule = judgeEquation(data, true);
    return whole && (rule === 'Ole_Equation_Plain' || rule === undefined);
  } catch {
    return false;
  }
}
