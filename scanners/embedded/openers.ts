import { openArchive } from './archive';
import type { Container } from './content-type';
import { openImage } from './images/image';
import { openMail } from './mail';
import { openActiveMime } from './office/activemime';
import { openOfficeBinary } from './office/office-binary';
import { openOfficeXml } from './office/office-xml';
import { openOneNote } from './office/onenote';
import { openRtf } from './office/rtf';
import type { Opener } from './opener';
import { openCompound } from './ole/compound';
import { openPdf } from './pdf';
import { openShellLink } from './shortcut';
import { openShortcutText } from './shortcut-text';
import { openCalendar } from './mail/calendar';
import { openCms } from './mail/cms';
import { openTnef } from './mail/tnef';
import { openHtml } from './web/html';
import { openText } from './web/plain';
import { openScript } from './web/script';

/** Who opens what. One line per kind of container. */
export const OPENERS: Readonly<Record<Exclude<Container, 'none'>, Opener>> = {
  archive: openArchive,
  image: openImage,
  compound: openCompound,
  mail: openMail,
  tnef: openTnef,
  cms: openCms,
  calendar: openCalendar,
  html: openHtml,
  'link-file': openShellLink,
  shortcut: openShortcutText,
  script: openScript,
  text: openText,
  'office-xml': openOfficeXml,
  'office-binary': openOfficeBinary,
  activemime: openActiveMime,
  rtf: openRtf,
  onenote: openOneNote,
  pdf: openPdf,
};
