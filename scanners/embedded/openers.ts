import { openArchive } from './archive';
import type { Container } from './content-type';
import { openMail } from './mail';
import { openActiveMime } from './office/activemime';
import { openOfficeBinary } from './office/office-binary';
import { openOfficeXml } from './office/office-xml';
import { openOneNote } from './office/onenote';
import { openRtf } from './office/rtf';
import type { Opener } from './opener';
import { openPdf } from './pdf';

/** Who opens what. One line per kind of container. */
export const OPENERS: Readonly<Record<Exclude<Container, 'none'>, Opener>> = {
  archive: openArchive,
  compound: (data, { unpacker, passwords, budget }) => unpacker.unpack(data, passwords, budget),
  mail: openMail,
  'office-xml': openOfficeXml,
  'office-binary': openOfficeBinary,
  activemime: openActiveMime,
  rtf: openRtf,
  onenote: openOneNote,
  pdf: (data, { budget }) => openPdf(data, budget),
};
