const TYPES: Record<string, string> = {
  pdf: 'application/pdf',
  txt: 'text/plain',
  csv: 'text/csv',
  html: 'text/html',
  htm: 'text/html',
  // Recorded: README.md came back with this type, whatever had been sent (fact sheet §3.1).
  md: 'application/x-genesis-rom',
  json: 'application/json',
  xml: 'application/xml',
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  gif: 'image/gif',
  svg: 'image/svg+xml',
  zip: 'application/zip',
  gz: 'application/gzip',
  '7z': 'application/x-7z-compressed',
  rar: 'application/vnd.rar',
  doc: 'application/msword',
  docx: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
  xls: 'application/vnd.ms-excel',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  eml: 'message/rfc822',
  exe: 'application/x-msdownload',
  com: 'application/x-msdownload',
  js: 'application/javascript',
  mp4: 'video/mp4',
};

/** The extension of a name in lower case, without dot; empty where there is none. */
export function extensionOf(fileName: string): string {
  const dot = fileName.lastIndexOf('.');
  return dot < 0 ? '' : fileName.slice(dot + 1).toLowerCase();
}

/** Zendesk goes by the extension and only then by what the sender declared. */
export function guessContentType(fileName: string, declared: string | undefined): string {
  const known = TYPES[extensionOf(fileName)];
  if (known !== undefined) return known;
  return declared === undefined || declared === '' ? 'application/octet-stream' : declared;
}
