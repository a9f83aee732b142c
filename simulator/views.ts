import type { Attachment, Audit, Brand, Comment, Json, Ticket, User, Via } from './model';
import type { World } from './world';
import { stamp } from './http';
import { settleScan } from './zendesk-scan';

/** How one caller sees addresses: `origin` is the host that he used, `realHost` whether it was a name of Zendesk's. */
export interface Viewer {
  world: World;
  origin: string;
  realHost: boolean;
}

/** The viewer of webhook payloads: always the account's canonical name. */
export function canonicalViewer(world: World, subdomain: string): Viewer {
  return { world, origin: `https://${subdomain}.zendesk.com`, realHost: true };
}

/** Attachments live on the host of the ticket's brand (design: own hosts), where a real name was called. */
function hostOf(viewer: Viewer, attachment: Attachment): string {
  const brand = viewer.world.brands.get(attachment.brandId);
  return viewer.realHost && brand !== undefined ? `https://${brand.subdomain}.zendesk.com` : viewer.origin;
}

export function contentUrl(viewer: Viewer, attachment: Attachment): string {
  const name = encodeURIComponent(attachment.fileName);
  return `${hostOf(viewer, attachment)}/attachments/token/${attachment.contentToken}/?name=${name}`;
}

export function attachmentView(viewer: Viewer, attachment: Attachment): Json {
  const brand = viewer.world.brands.get(attachment.brandId);
  const plain = contentUrl(viewer, attachment);
  const mapped = brand?.hostMapping ?? null;
  return {
    url: `${viewer.origin}/api/v2/attachments/${attachment.id}.json`,
    id: attachment.id,
    file_name: attachment.fileName,
    content_url: plain,
    mapped_content_url:
      mapped !== null && viewer.realHost ? plain.replace(/^https:\/\/[^/]+/, `https://${mapped}`) : plain,
    content_type: attachment.contentType,
    size: attachment.size,
    width: null,
    height: null,
    inline: attachment.inline,
    deleted: attachment.deleted,
    malware_access_override: attachment.malwareAccessOverride,
    malware_scan_result: settleScan(viewer.world, attachment),
    thumbnails: [],
  };
}

export function commentView(viewer: Viewer, comment: Comment, withInline: boolean): Json {
  const attachments = viewer.world.attachmentsOf(comment).filter((row) => withInline || !row.inline);
  const metadata: Json = {
    system: { client: 'Zendesk stand-in', ip_address: '192.0.2.1', location: 'Nowhere', latitude: 0, longitude: 0 },
    custom: viewer.world.audits.get(comment.auditId)?.custom ?? {},
  };
  if (comment.flags.length > 0) {
    metadata['flags'] = comment.flags;
    metadata['flags_options'] = Object.fromEntries(comment.flags.map((flag) => [String(flag), { trusted: true }]));
  }
  return {
    id: comment.id,
    type: 'Comment',
    author_id: comment.authorId,
    body: comment.body,
    html_body: comment.htmlBody,
    plain_body: comment.body,
    public: comment.public,
    attachments: attachments.map((row) => attachmentView(viewer, row)),
    audit_id: comment.auditId,
    via: comment.via,
    created_at: stamp(comment.createdAt),
    metadata,
  };
}

/** Fills the attachments into the Comment events of an audit: the audit keeps ids only, and shows files as they are now. */
export function auditView(viewer: Viewer, audit: Audit): Json {
  const events = audit.events.map((event) => {
    const comment = event.type === 'Comment' ? viewer.world.comments.get(event.id) : undefined;
    if (comment === undefined) return event;
    const view = commentView(viewer, comment, true);
    delete view['via'];
    return { ...view, type: 'Comment', audit_id: audit.id };
  });
  return {
    id: audit.id,
    ticket_id: audit.ticketId,
    created_at: stamp(audit.createdAt),
    author_id: audit.authorId,
    metadata: { system: { client: 'Zendesk stand-in', ip_address: '192.0.2.1' }, custom: audit.custom },
    via: audit.via,
    events,
  };
}

export function ticketView(viewer: Viewer, ticket: Ticket): Json {
  return {
    url: `${viewer.origin}/api/v2/tickets/${ticket.id}.json`,
    id: ticket.id,
    external_id: ticket.externalId,
    via: ticket.via,
    created_at: stamp(ticket.createdAt),
    updated_at: stamp(ticket.updatedAt),
    generated_timestamp: Math.floor(ticket.generatedAt / 1000),
    type: ticket.type,
    subject: ticket.subject,
    raw_subject: ticket.subject,
    description: ticket.description,
    priority: ticket.priority,
    status: ticket.deleted ? 'deleted' : ticket.status,
    recipient: null,
    requester_id: ticket.requesterId,
    submitter_id: ticket.submitterId,
    assignee_id: ticket.assigneeId,
    organization_id: null,
    group_id: null,
    collaborator_ids: [],
    follower_ids: [],
    email_cc_ids: [],
    forum_topic_id: null,
    problem_id: null,
    has_incidents: false,
    is_public: ticket.isPublic,
    due_at: null,
    tags: ticket.tags,
    custom_fields: ticket.customFields,
    fields: ticket.customFields,
    satisfaction_rating: null,
    sharing_agreement_ids: [],
    custom_status_id: null,
    followup_ids: ticket.followupIds,
    ticket_form_id: null,
    brand_id: ticket.brandId,
    allow_channelback: false,
    allow_attachments: true,
    from_messaging_channel: false,
  };
}

export function userView(viewer: Viewer, user: User): Json {
  return {
    id: user.id,
    url: `${viewer.origin}/api/v2/users/${user.id}.json`,
    name: user.name,
    email: user.email,
    role: user.role,
    role_type: user.customRoleId !== null ? 0 : null,
    custom_role_id: user.customRoleId,
    active: true,
    verified: true,
    suspended: user.suspended,
    restricted_agent: false,
    ticket_restriction: user.role === 'end-user' ? 'requested' : null,
    only_private_comments: false,
    moderator: user.role !== 'end-user',
    locale: 'en-US',
    iana_time_zone: 'Etc/UTC',
    created_at: stamp(user.createdAt),
    updated_at: stamp(user.createdAt),
    user_fields: {},
  };
}

export function brandView(viewer: Viewer, brand: Brand): Json {
  const brandUrl = `https://${brand.hostMapping ?? `${brand.subdomain}.zendesk.com`}`;
  return {
    id: brand.id,
    url: `${viewer.origin}/api/v2/brands/${brand.id}.json`,
    name: brand.name,
    subdomain: brand.subdomain,
    host_mapping: brand.hostMapping,
    brand_url: brandUrl,
    has_help_center: false,
    help_center_state: 'disabled',
    active: true,
    default: brand.default,
    is_deleted: false,
    logo: null,
    ticket_form_ids: [],
    signature_template: '{{agent.signature}}',
  };
}

export const viaApi = (): Via => ({ channel: 'api', source: { from: {}, to: {}, rel: null } });
