import { openArchive } from './archive';
import type { Container } from './content-type';
import { openMail } from './mail';
import type { Opener } from './opener';
import { openPdf } from './pdf';

/** Who opens what. One line per kind of container. */
export const OPENERS: Readonly<Record<Exclude<Container, 'none'>, Opener>> = {
  archive: openArchive,
  compound: (data, { unpacker, passwords, budget }) => unpacker.unpack(data, passwords, budget),
  mail: openMail,
  pdf: (data, { budget }) => openPdf(data, budget),
};
