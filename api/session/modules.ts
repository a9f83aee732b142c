import type { RouteModule } from '../openapi';
import { accountRoutes } from '../routes/accounts';
import { authenticatorRoutes } from '../routes/authenticator';
import { invitationRoutes } from '../routes/invitations';
import { oidcRoutes } from '../routes/oidc';
import { peopleRoutes } from '../routes/people';
import { sessionRoutes } from '../routes/session';
import type { SignInDeps } from './deps';
import type { OidcSettings } from './oidc';

/** Routes of people and their sessions. */
export function signInModules(deps: SignInDeps, oidc: OidcSettings | undefined): RouteModule[] {
  return [
    sessionRoutes(deps),
    authenticatorRoutes(deps),
    accountRoutes(deps),
    peopleRoutes(deps),
    invitationRoutes(deps),
    oidcRoutes(deps, oidc),
  ];
}
