export { openMail } from './mail/open';
