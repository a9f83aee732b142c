import { queryOptions } from '@tanstack/react-query';
import { ApiProblem, api, bodyOf, keepCsrfToken } from './client';
import type { Session } from './client';

/** How far a sign-in has come. */
export type SignInStage = Session['stage'];

/** Who is signed in, completely; null for nobody. Keeps the token for changing requests, too. */
export const meQuery = queryOptions({
  queryKey: ['me'],
  staleTime: 60_000,
  retry: (count, error) => !(error instanceof ApiProblem && error.status === 401) && count < 3,
  queryFn: async (): Promise<Session | null> => {
    try {
      const session = await bodyOf(api.GET('/api/v1/session'));
      keepCsrfToken(session.csrfToken);
      return session.stage === 'full' ? session : null;
    } catch (error) {
      if (error instanceof ApiProblem && error.status === 401) return null;
      throw error;
    }
  },
});

/** Signs in with address and password; says what has to follow. */
export async function signIn(email: string, password: string): Promise<SignInStage> {
  return stageOf(await bodyOf(api.POST('/api/v1/session', { body: { email, password } })));
}

/** Finishes a sign-in: six digits are a code, everything else is a recovery code. */
export async function sendSecondFactor(given: string): Promise<SignInStage> {
  const body = /^\d{6}$/u.test(given) ? { code: given } : { recoveryCode: given };
  return stageOf(await bodyOf(api.POST('/api/v1/session/second-factor', { body })));
}

function stageOf({ stage, csrfToken }: Session): SignInStage {
  keepCsrfToken(csrfToken);
  return stage;
}

/** Ends the session here and at the server. */
export async function signOut(): Promise<void> {
  await api.DELETE('/api/v1/session');
  keepCsrfToken('');
}

/** Whether these rights hold what is asked. */
export function may(me: Session | null | undefined, right: string): boolean {
  return me?.rights.includes(right) ?? false;
}

/** Changes the reader's own password; this browser goes on under a new session. */
export async function changePassword(password: string, newPassword: string): Promise<void> {
  const body = { password, newPassword };
  keepCsrfToken((await bodyOf(api.PUT('/api/v1/session/password', { body }))).csrfToken);
}

/** Switches an authenticator on with its first code; this browser goes on under a new session. Gives the recovery codes. */
export async function confirmAuthenticator(code: string): Promise<readonly string[]> {
  const { recoveryCodes, session } = await bodyOf(api.PUT('/api/v1/session/authenticator', { body: { code } }));
  keepCsrfToken(session.csrfToken);
  return recoveryCodes;
}

/** How people may sign in here. */
export const waysQuery = queryOptions({
  queryKey: ['sign-in-ways'],
  staleTime: Infinity,
  queryFn: () => bodyOf(api.GET('/api/v1/sign-in-ways')),
});
