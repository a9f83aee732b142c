import type { Answer, Call, Route } from '../http';
import { flagOf, idParam, json, notFound, partOf, recordOf, route } from '../http';
import type { Json } from '../model';
import { paginate } from '../paging';
import { brandView, userView } from '../views';

/** Without valid credentials this answers 200 with a user who is nobody (fact sheet §0.12). */
const ANONYMOUS: Json = {
  id: null,
  name: 'Anonymous user',
  email: 'invalid@example.com',
  role: 'end-user',
  role_type: null,
  custom_role_id: null,
  active: false,
  suspended: false,
  locale: 'en-US',
  iana_time_zone: 'Etc/UTC',
  user_fields: {},
};

function me(call: Call): Answer {
  if (call.identity === undefined) return json({ user: ANONYMOUS });
  return json({ user: { ...userView(call, call.identity.user), authenticity_token: call.world.secret(40) } });
}

function listUsers(call: Call): Answer {
  const email = /(?:^|\s)email:(\S+)/.exec(call.query.get('query') ?? '')?.[1];
  const roles = [call.query.get('role'), ...call.query.getAll('role[]')].filter((role) => role !== null);
  const all = call.world.users
    .inGroup(call.account.id)
    .filter(
      (user) => (email === undefined || user.email === email) && (roles.length === 0 || roles.includes(user.role)),
    );
  const { rows, rest } = paginate(call, all);
  return json({ users: rows.map((user) => userView(call, user)), ...rest });
}

function showUser(call: Call): Answer {
  const user = call.world.users.get(idParam(call, 'id'));
  if (user?.accountId !== call.account.id) throw notFound();
  return json({ user: userView(call, user) });
}

const roleView = (role: { id: number; name: string; ticketRedaction: boolean; manageWebhooks: boolean }): Json => ({
  id: role.id,
  name: role.name,
  description: null,
  role_type: 0,
  configuration: {
    ticket_redaction: role.ticketRedaction,
    manage_extensions: role.manageWebhooks,
    ticket_access: 'all',
  },
});

function showRole(call: Call): Answer {
  const role = call.world.customRoles.get(idParam(call, 'id'));
  if (role?.accountId !== call.account.id) throw notFound();
  return json({ custom_role: roleView(role) });
}

function listRoles(call: Call): Answer {
  return json({
    custom_roles: call.world.customRoles.inGroup(call.account.id).map(roleView),
    next_page: null,
    count: null,
  });
}

function listBrands(call: Call): Answer {
  const { rows, rest } = paginate(call, call.world.brands.inGroup(call.account.id));
  return json({ brands: rows.map((brand) => brandView(call, brand)), ...rest });
}

function showBrand(call: Call): Answer {
  const brand = call.world.brands.get(idParam(call, 'id'));
  if (brand?.accountId !== call.account.id) throw notFound();
  return json({ brand: brandView(call, brand) });
}

function settings(call: Call): Answer {
  const { switches } = call.account;
  return json({
    settings: {
      limits: { attachment_size: switches.attachmentSize },
      tickets: {
        private_attachments: switches.privateAttachments,
        email_attachments: switches.emailAttachments,
        agent_ticket_deletion: switches.agentTicketDeletion,
        comments_public_by_default: true,
        list_newest_comments_first: true,
        agent_collision: true,
        tagging: true,
      },
      agents: { agent_workspace: switches.agentWorkspace, agent_home: false },
      brands: {
        default_brand_id: call.world.brands.inGroup(call.account.id).find((brand) => brand.default)?.id ?? null,
      },
      api: { accepted_api_agreement: true, api_password_access: 'true', api_token_access: 'true' },
    },
  });
}

const WRITABLE = new Map([
  ['private_attachments', 'privateAttachments'],
  ['email_attachments', 'emailAttachments'],
  ['agent_ticket_deletion', 'agentTicketDeletion'],
] as const);

function writeSettings(call: Call): Answer {
  const input = partOf(call, 'settings');
  const switches = { ...call.account.switches };
  for (const [name, key] of WRITABLE) switches[key] = flagOf(recordOf(input['tickets'])[name]) ?? switches[key];
  switches.agentWorkspace = flagOf(recordOf(input['agents'])['agent_workspace']) ?? switches.agentWorkspace;
  call.world.accounts.put(call.account.id, Object.assign(call.account, { switches }));
  return settings(call);
}

function showJob(call: Call): Answer {
  const job = call.world.jobs.get(call.params['id'] ?? '');
  if (job?.accountId !== call.account.id) throw notFound();
  return json({
    job_status: {
      id: job.id,
      url: `${call.origin}/api/v2/job_statuses/${job.id}.json`,
      status: 'completed',
      total: job.total,
      progress: job.total,
      message: job.message,
      results: job.results,
    },
  });
}

function ips(): Answer {
  const loopback = ['127.0.0.0/8', '::1/128'];
  return json({ ips: { ingress: { all: loopback, specific: [] }, egress: { all: loopback, specific: [] } } });
}

export const accountRoutes: Route[] = [
  route('GET', '/api/v2/users/me', 'anonymous', undefined, me),
  route('GET', '/api/v2/users', 'agent', 'users', listUsers),
  route('GET', '/api/v2/users/search', 'agent', 'users', listUsers),
  route('GET', '/api/v2/users/:id', 'agent', 'users', showUser),
  route('GET', '/api/v2/custom_roles', 'agent', 'none', listRoles),
  route('GET', '/api/v2/custom_roles/:id', 'agent', 'none', showRole),
  route('GET', '/api/v2/brands', 'agent', 'none', listBrands),
  route('GET', '/api/v2/brands/:id', 'agent', 'none', showBrand),
  route('GET', '/api/v2/account/settings', 'agent', 'none', settings),
  route('PUT', '/api/v2/account/settings', 'admin', 'none', writeSettings),
  route('GET', '/api/v2/job_statuses/:id', 'agent', 'none', showJob),
  route('GET', '/ips', 'anonymous', undefined, ips),
];
