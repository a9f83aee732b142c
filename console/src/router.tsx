import type { QueryClient } from '@tanstack/react-query';
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
  retainSearchParams,
} from '@tanstack/react-router';
import { meQuery } from './api/session';
import { NotFound } from './pages/not-found';
import { SignInPage } from './pages/sign-in/sign-in-page';
import { ProblemNotice } from './parts/problem';
import { readScanSearch } from './pages/scans/scan-search';
import { Frame } from './shell/frame';

interface Context {
  queries: QueryClient;
}

const root = createRootRouteWithContext<Context>()({ component: Outlet, notFoundComponent: NotFound });

/** Where the reader goes after signing in: a path of our own, never another site. */
function placeOf(value: unknown): { back?: string } {
  return typeof value === 'string' && /^\/(?![/\\])/u.test(value) ? { back: value } : {};
}

const signIn = createRoute({
  getParentRoute: () => root,
  path: '/sign-in',
  validateSearch: (search: Record<string, unknown>): { back?: string } => placeOf(search['back']),
  component: SignInPage,
});

const forgotten = createRoute({
  getParentRoute: () => root,
  path: '/forgotten-password',
  component: lazyRouteComponent(() => import('./pages/sign-in/forgotten-page'), 'ForgottenPage'),
});

const newPassword = createRoute({
  getParentRoute: () => root,
  path: '/new-password',
  component: lazyRouteComponent(() => import('./pages/sign-in/token-page'), 'NewPasswordPage'),
});

const invitation = createRoute({
  getParentRoute: () => root,
  path: '/accept-invitation',
  component: lazyRouteComponent(() => import('./pages/sign-in/token-page'), 'InvitationPage'),
});

/** Which organisation the operator's people look at; kept from page to page. */
interface Where {
  organisation?: string | undefined;
}

const inside = createRoute({
  getParentRoute: () => root,
  id: 'inside',
  validateSearch: (search: Record<string, unknown>): Where =>
    typeof search['organisation'] === 'string' ? { organisation: search['organisation'] } : {},
  search: { middlewares: [retainSearchParams<Where>(['organisation'])] },
  component: Frame,
  errorComponent: ({ error, reset }) => <ProblemNotice error={error} retry={reset} />,
  beforeLoad: async ({ context, location }) => {
    const me = await context.queries.ensureQueryData(meQuery);
    if (me === null) throw redirect({ to: '/sign-in', search: { back: location.href } });
  },
});

const home = createRoute({
  getParentRoute: () => inside,
  path: '/',
  beforeLoad: () => {
    throw redirect({ to: '/scans' });
  },
});

const scans = createRoute({
  getParentRoute: () => inside,
  path: '/scans',
  validateSearch: readScanSearch,
  component: lazyRouteComponent(() => import('./pages/scans/scans-page'), 'ScansPage'),
});

const scan = createRoute({
  getParentRoute: () => inside,
  path: '/scans/$id',
  component: lazyRouteComponent(() => import('./pages/scan/scan-page'), 'ScanPage'),
});

const investigate = createRoute({
  getParentRoute: () => inside,
  path: '/scans/$id/investigate',
  component: lazyRouteComponent(() => import('./pages/scan/scan-page'), 'InvestigatePage'),
});

const investigations = createRoute({
  getParentRoute: () => inside,
  path: '/investigations',
  validateSearch: (search: Record<string, unknown>): { all?: 'yes'; undo?: string } => ({
    ...(search['all'] === 'yes' && { all: 'yes' }),
    ...undoSearch(search),
  }),
  component: lazyRouteComponent(() => import('./pages/investigations/queue-page'), 'QueuePage'),
});

/** The scan about which was decided last, so that it can be taken back on the page that follows. */
function undoSearch(search: Record<string, unknown>): { undo?: string } {
  return typeof search['undo'] === 'string' ? { undo: search['undo'] } : {};
}

const desk = createRoute({
  getParentRoute: () => inside,
  path: '/investigations/$id',
  validateSearch: undoSearch,
  component: lazyRouteComponent(() => import('./pages/investigations/desk-page'), 'DeskPage'),
});

const structure = createRoute({
  getParentRoute: () => inside,
  path: '/scans/$id/structure',
  component: lazyRouteComponent(() => import('./pages/structure/structure-page'), 'StructurePage'),
});

const channels = createRoute({
  getParentRoute: () => inside,
  path: '/account/channels',
  component: lazyRouteComponent(() => import('./pages/account/channels-page'), 'ChannelsPage'),
});

const activate = createRoute({
  getParentRoute: () => inside,
  path: '/account/channels/zendesk/activate',
  validateSearch: (search: Record<string, unknown>): { subdomain?: string } =>
    typeof search['subdomain'] === 'string' ? { subdomain: search['subdomain'] } : {},
  component: lazyRouteComponent(() => import('./pages/account/activate-page'), 'ActivatePage'),
});

const connection = createRoute({
  getParentRoute: () => inside,
  path: '/account/channels/zendesk',
  component: lazyRouteComponent(() => import('./pages/account/connection-page'), 'ConnectionPage'),
});

const activation = createRoute({
  getParentRoute: () => inside,
  path: '/account/channels/zendesk/activation',
  component: lazyRouteComponent(() => import('./pages/account/activation-page'), 'ActivationPage'),
});

const users = createRoute({
  getParentRoute: () => inside,
  path: '/account/users',
  component: lazyRouteComponent(() => import('./pages/account/users-page'), 'UsersPage'),
});

const apiKeys = createRoute({
  getParentRoute: () => inside,
  path: '/account/api-keys',
  component: lazyRouteComponent(() => import('./pages/account/api-keys-page'), 'ApiKeysPage'),
});

const ownAccount = createRoute({
  getParentRoute: () => inside,
  path: '/account/me',
  component: lazyRouteComponent(() => import('./pages/account/own-account-page'), 'OwnAccountPage'),
});

const routeTree = root.addChildren([
  signIn,
  forgotten,
  newPassword,
  invitation,
  inside.addChildren([
    home,
    scans,
    scan,
    investigate,
    structure,
    investigations,
    desk,
    channels,
    activate,
    activation,
    connection,
    users,
    apiKeys,
    ownAccount,
  ]),
]);

/** Pages by address. Search parameters are plain text, so that people can read and write them. */
export function createConsoleRouter(queries: QueryClient) {
  return createRouter({
    routeTree,
    context: { queries },
    defaultPreload: 'intent',
    scrollRestoration: true,
    parseSearch: (text) => Object.fromEntries(new URLSearchParams(text)),
    stringifySearch: (search) => {
      const given = Object.entries(search).filter((pair): pair is [string, string] => typeof pair[1] === 'string');
      const text = new URLSearchParams(given.filter(([, value]) => value !== '')).toString();
      return text === '' ? '' : `?${text}`;
    },
  });
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof createConsoleRouter>;
  }
}
