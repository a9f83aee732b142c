import { eicar } from '../samples';
import { elf, pe, t, type RuleCases } from './case';

const hidden = eicar().toString();
const hexOf = (text: string): string => Buffer.from(text).toString('hex');

/** The beginning of the code of ClamAV's test program, split so that this file is not taken for it. */
const clamBody = Buffer.from(t('bb7110400033c050508bf3535350b029~40300466ac79f9ba3100780dad50ff66'), 'hex');

/** Test files of scanners, and names. */
export const known: RuleCases = {
  EICAR_Test_File: {
    match: ['a.txt', eicar()],
    miss: ['a.txt', eicar().subarray(0, 60)],
    more: [
      ['a.txt', Buffer.concat([eicar(), Buffer.from('   \r\n')])],
      ['a.txt', `see this: ${hidden} and go on`],
      ['a.txt', Buffer.from(hidden, 'utf16le')],
      ['a.txt', Buffer.from(hidden, 'utf16le').swap16()],
      ['a.json', JSON.stringify({ text: hidden })],
    ],
    alsoMiss: [['README.md', 'The EICAR test file holds EICAR-STANDARD-ANTIVIRUS-TEST-FILE in it.']],
  },
  EICAR_Test_File_Encoded: {
    match: ['a.txt', `x ${Buffer.from(hidden).toString('base64')} y`],
    miss: ['a.txt', `x ${Buffer.from(hidden.slice(0, 20)).toString('base64')} y`],
    more: [
      ['a.txt', Buffer.from(` ${hidden}`).toString('base64')],
      ['a.txt', Buffer.from(`  ${hidden}`).toString('base64')],
      ['a.txt', Buffer.from(hidden, 'utf16le').toString('base64')],
      ['a.txt', hexOf(hidden)],
      ['a.txt', hexOf(hidden).replace(/../g, '\\x$&')],
      ['a.js', [...eicar()].join(', ')],
      ['a.c', [...eicar()].map((byte) => `0x${byte.toString(16)}`).join(',')],
      ['a.html', encodeURIComponent(hidden)],
    ],
  },
  EICAR_Test_File_Reversed: {
    match: ['a.txt', [...hidden].reverse().join('')],
    miss: ['a.txt', 'FILE-TEST-ANTIVIRUS-STANDARD-EICAR'],
  },
  Test_File_Unwanted_Application: {
    match: ['a.txt', t('X5]+)D:)D<5N*PZ5[/EICAR-POTENT~IALLY-UNWANTED-OBJ~ECT-TEST!$*M*L')],
    miss: ['a.txt', 'A potentially unwanted object test.'],
  },
  Test_File_Spam: {
    match: ['a.txt', t('XJS*C4JDBQADN1.NSBN3*2IDNEN*GTU~BE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X')],
    miss: ['a.txt', 'Use GTUBE to test your filter.'],
  },
  ClamAV_Test_File: {
    match: ['clam.exe', pe(clamBody)],
    miss: ['clam.exe', pe(clamBody.subarray(0, 20))],
    more: [['clam.bin', clamBody]],
    alsoMiss: [['scan.log', 'clam.exe: ClamAV-Test-File FOUND']],
  },
  Name_Executable_Behind_Document_Name: { match: ['bill.pdf', pe()], miss: ['setup.exe', pe()] },
  Name_Unix_Program_Behind_Document_Name: { match: ['bill.pdf', elf()], miss: ['tool.bin', elf()] },
  Name_Double_Extension: { match: ['bill.pdf.exe', 'x'], miss: ['release.1.2.exe.txt', 'x'] },
  Name_Reversed_Direction: { match: ['bill\u202efdp.exe', 'x'], miss: ['\u2067שלום\u2069.pdf', 'x'] },
  Name_Blanks_Before_Extension: { match: [`bill${' '.repeat(20)}.scr`, 'x'], miss: [`a  b${' '.repeat(20)}.pdf`, 'x'] },
};
