import { extensionOf, guessContentType } from '../content-types';
import type { Answer, Call, Route } from '../http';
import { idParam, invalid, isRecord, json, notFound, nothing, partOf, Refusal, route, stamp, userOf } from '../http';
import type { Attachment, Upload } from '../model';
import { dropAttachment, liveUpload } from '../upload-tokens';
import { attachmentView } from '../views';

function refuseFile(call: Call, fileName: string): void {
  const { uploads, attachmentSize } = call.account.switches;
  if (call.body.length > attachmentSize) {
    const body = { error: 'AttachmentTooLarge', description: `The attachment exceeds ${attachmentSize} bytes.` };
    throw new Refusal(uploads.tooLargeStatus, body);
  }
  if (uploads.allowedExtensions.length === 0 || uploads.allowedExtensions.includes(extensionOf(fileName))) return;
  throw new Refusal(uploads.refusalStatus, {
    error: 'AttachmentUnprocessable',
    description: 'Attachment file could not be processed.',
  });
}

function saveAttachment(call: Call, fileName: string): Attachment {
  const { world, account } = call;
  const id = world.nextId();
  const attachment: Attachment = {
    id,
    accountId: account.id,
    brandId: (call.brand ?? world.brands.inGroup(account.id).find((brand) => brand.default))?.id ?? 0,
    fileName,
    contentType: guessContentType(fileName, call.headers['content-type']),
    size: call.body.length,
    contentToken: world.secret(25),
    blobId: String(id),
    inline: false,
    deleted: false,
    redacted: false,
    malwareAccessOverride: false,
    scanResult: 'not_scanned',
    ticketId: null,
    commentId: null,
    createdAt: world.clock(),
  };
  world.blobs.put(attachment.blobId, call.body);
  world.links.put(attachment.contentToken, { attachmentId: id });
  return world.attachments.put(id, attachment);
}

function createUpload(call: Call): Answer {
  const fileName = call.query.get('filename') ?? '';
  if (fileName === '') throw invalid('filename', 'Filename: cannot be blank', 'BlankValue');
  const given = call.query.get('token');
  const earlier = given === null ? undefined : liveUpload(call.world, call.account.id, given);
  if (given !== null && (earlier === undefined || earlier.used)) throw notFound();
  refuseFile(call, fileName);
  const attachment = saveAttachment(call, fileName);
  const upload: Upload = {
    token: earlier?.token ?? call.world.secret(25),
    accountId: call.account.id,
    userId: userOf(call).id,
    attachmentIds: [...(earlier?.attachmentIds ?? []), attachment.id],
    expiresAt: earlier?.expiresAt ?? call.world.clock() + call.account.switches.uploads.tokenSeconds * 1000,
    used: false,
  };
  call.world.uploads.put(upload.token, upload);
  const all = upload.attachmentIds.flatMap((id) => call.world.attachments.get(id) ?? []);
  const body = {
    upload: {
      token: upload.token,
      expires_at: stamp(upload.expiresAt),
      attachment: attachmentView(call, attachment),
      attachments: all.map((row) => attachmentView(call, row)),
    },
  };
  // JSON under a text type, as recorded (fact sheet §3.3).
  return json(body, 201, {
    'content-type': 'text/plain; charset=utf-8',
    'access-control-allow-origin': '*',
    location: `${call.origin}/api/v2/attachments/${attachment.id}.json`,
  });
}

function deleteUpload(call: Call): Answer {
  const upload = liveUpload(call.world, call.account.id, call.params['token'] ?? '');
  if (upload === undefined || upload.used) throw notFound();
  for (const id of upload.attachmentIds) {
    const attachment = call.world.attachments.get(id);
    if (attachment !== undefined) dropAttachment(call.world, attachment);
  }
  call.world.uploads.remove(upload.token);
  return nothing();
}

function attachmentParam(call: Call): Attachment {
  const attachment = call.world.attachments.get(idParam(call, 'id'));
  if (attachment === undefined || attachment.accountId !== call.account.id) throw notFound();
  return attachment;
}

function overrideMalware(call: Call): Answer {
  const attachment = attachmentParam(call);
  const input = partOf(call, 'attachment');
  const override = isRecord(input) ? input['malware_access_override'] : undefined;
  if (typeof override !== 'boolean') throw invalid('malware_access_override', 'must be true or false', 'InvalidValue');
  const saved = call.world.attachments.put(attachment.id, { ...attachment, malwareAccessOverride: override });
  return json({ attachment: attachmentView(call, saved) });
}

export const uploadRoutes: Route[] = [
  route('POST', '/api/v2/uploads', 'end-user', 'files', createUpload),
  route('DELETE', '/api/v2/uploads/:token', 'end-user', 'files', deleteUpload),
  route('GET', '/api/v2/attachments/:id', 'agent', 'files', (call) =>
    json({ attachment: attachmentView(call, attachmentParam(call)) }),
  ),
  // Only the global scope and only admins (fact sheet §1.4, §3.4).
  route('PUT', '/api/v2/attachments/:id', 'admin', 'none', overrideMalware),
];
