import type { Switches } from './switches';

export type Role = 'admin' | 'agent' | 'end-user';
export const STATUSES = ['new', 'open', 'pending', 'hold', 'solved', 'closed'] as const;
export type Status = (typeof STATUSES)[number];
export type Json = Record<string, unknown>;

export interface Account {
  id: number;
  subdomain: string;
  name: string;
  lastTicketId: number;
  adminId: number;
  agentId: number;
  switches: Switches;
}

export interface User {
  id: number;
  accountId: number;
  email: string;
  name: string;
  role: Role;
  password: string;
  apiToken: string | null;
  customRoleId: number | null;
  suspended: boolean;
  createdAt: number;
}

export interface CustomRole {
  id: number;
  accountId: number;
  name: string;
  ticketRedaction: boolean;
  manageWebhooks: boolean;
}

export interface Brand {
  id: number;
  accountId: number;
  name: string;
  subdomain: string;
  hostMapping: string | null;
  default: boolean;
}

export interface OAuthClient {
  id: number;
  /** The account in whose Admin Center the client was made; a local client works only there. */
  accountId: number;
  identifier: string;
  name: string;
  secret: string;
  redirectUris: string[];
  global: boolean;
  public: boolean;
}

export interface Grant {
  code: string;
  accountId: number;
  clientId: number;
  userId: number;
  redirectUri: string;
  scope: string;
  codeChallenge: string | null;
  expiresAt: number;
  used: boolean;
}

export interface Token {
  id: number;
  accountId: number;
  clientId: number;
  userId: number;
  scope: string;
  accessToken: string;
  refreshToken: string | null;
  createdAt: number;
  expiresAt: number | null;
  refreshExpiresAt: number | null;
  /** Revoked for API calls; kept while its refresh token may live on. */
  accessDead: boolean;
}

export interface Session {
  id: string;
  accountId: number;
  userId: number;
}

export interface Via {
  channel: string;
  source: { from: Json; to: Json; rel: string | null };
}

export interface Ticket {
  id: number;
  accountId: number;
  subject: string;
  description: string;
  status: Status;
  deleted: boolean;
  archived: boolean;
  priority: string | null;
  type: string | null;
  tags: string[];
  requesterId: number;
  submitterId: number;
  assigneeId: number | null;
  brandId: number;
  externalId: string | null;
  via: Via;
  isPublic: boolean;
  customFields: { id: number; value: unknown }[];
  followupIds: number[];
  commentIds: number[];
  createdAt: number;
  updatedAt: number;
  /** What selects a ticket in incremental exports: moves with every change, also with those that leave `updatedAt`. */
  generatedAt: number;
  updates: number;
  redactions: number;
  notes: number;
}

export interface Comment {
  id: number;
  accountId: number;
  ticketId: number;
  auditId: number;
  authorId: number;
  body: string;
  htmlBody: string;
  public: boolean;
  attachmentIds: number[];
  via: Via;
  flags: number[];
  createdAt: number;
}

export const SCAN_RESULTS = ['malware_found', 'malware_not_found', 'failed_to_scan', 'not_scanned'] as const;
export type ScanResult = (typeof SCAN_RESULTS)[number];

export interface Attachment {
  id: number;
  accountId: number;
  brandId: number;
  fileName: string;
  contentType: string;
  size: number;
  contentToken: string;
  blobId: string;
  inline: boolean;
  deleted: boolean;
  redacted: boolean;
  malwareAccessOverride: boolean;
  scanResult: ScanResult;
  ticketId: number | null;
  commentId: number | null;
  createdAt: number;
}

/** A content address from before a redaction; answers 404 once `remaining` requests were served. -1 never ends. */
export interface DeadLink {
  contentToken: string;
  accountId: number;
  fileName: string;
  contentType: string;
  blobId: string;
  remaining: number;
}

export interface Upload {
  token: string;
  accountId: number;
  userId: number;
  attachmentIds: number[];
  expiresAt: number;
  used: boolean;
}

export interface AuditEvent extends Json {
  id: number;
  type: string;
}

export interface Audit {
  id: number;
  accountId: number;
  ticketId: number;
  authorId: number;
  createdAt: number;
  custom: Json;
  via: Via;
  events: AuditEvent[];
}

export interface Webhook {
  id: string;
  accountId: number;
  name: string;
  description: string | null;
  endpoint: string;
  httpMethod: string;
  requestFormat: string;
  status: string;
  subscriptions: string[];
  authentication: { type: string; add_position: string; data: Record<string, string> } | null;
  customHeaders: Record<string, string> | null;
  secret: string;
  createdAt: string;
  createdBy: number;
  updatedAt: string | null;
  updatedBy: number | null;
}

export interface Attempt {
  id: string;
  status: string;
  statusCode: number;
  completedAt: string;
  requestHeaders: Record<string, string>;
  requestPayload: string;
  responseHeaders: Record<string, string>;
  responsePayload: string;
}

export interface Invocation {
  id: string;
  webhookId: string;
  accountId: number;
  payload: string;
  status: string;
  statusCode: number;
  attempts: Attempt[];
  nextAttemptAt: number | null;
  completedAt: string | null;
  createdAt: number;
}

export interface Condition {
  field: string;
  operator: string;
  value: unknown;
}

export interface Trigger {
  id: number;
  accountId: number;
  title: string;
  description: string | null;
  active: boolean;
  categoryId: string;
  position: number;
  all: Condition[];
  any: Condition[];
  actions: { field: string; value: unknown }[];
  createdAt: number;
  updatedAt: number;
}

export interface TriggerCategory {
  id: string;
  accountId: number;
  name: string;
  position: number;
  createdAt: number;
}

export interface Job {
  id: string;
  accountId: number;
  total: number;
  results: Json[];
  message: string;
}

export interface Counter {
  value: number;
}
