import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { Button } from '@zendeskgarden/react-buttons';
import { lazy, Suspense, useState } from 'react';
import { meQuery, waysQuery } from '../../api/session';
import type { SignInStage } from '../../api/session';
import { Loading, Stack } from '../../parts/page';
import { t } from '../../texts';
import { PasswordForm } from './password-form';
import { SecondFactorForm } from './second-factor-form';
import { SignInBox } from './sign-in-box';

const AuthenticatorSetup = lazy(async () => ({
  default: (await import('../account/authenticator-setup')).AuthenticatorSetup,
}));

/** Signing in: password, then the second factor where there is one, then back to where the reader wanted to go. */
export function SignInPage() {
  const [stage, setStage] = useState<SignInStage>('full');
  const { back } = useSearch({ from: '/sign-in' });
  const queries = useQueryClient();
  const navigate = useNavigate();
  const reached = async (next: SignInStage): Promise<void> => {
    if (next !== 'full') return setStage(next);
    await queries.fetchQuery({ ...meQuery, staleTime: 0 });
    await navigate({ href: back ?? '/scans', replace: true });
  };
  return (
    <SignInBox title={stage === 'full' ? t.signIn.title : t.signIn.secondTitle}>
      {stage === 'full' && (
        <>
          <PasswordForm onStage={reached} />
          <ProviderButton back={back ?? '/scans'} />
          <p>
            <Link to="/forgotten-password">{t.signIn.forgot}</Link>
          </p>
        </>
      )}
      {stage === 'second_factor' && <SecondFactorForm onStage={reached} />}
      {stage === 'enrol' && (
        <Stack>
          <span>{t.signIn.enrol}</span>
          <Suspense fallback={<Loading lines={4} />}>
            <AuthenticatorSetup onDone={() => void reached('full')} />
          </Suspense>
        </Stack>
      )}
    </SignInBox>
  );
}

/** The way over the identity provider, where the installation has one. */
function ProviderButton({ back }: { back: string }) {
  const { data: ways } = useQuery(waysQuery);
  if (!ways || ways.oidcProvider === null) return null;
  const address = `/api/v1/session/oidc/start?returnTo=${encodeURIComponent(back)}`;
  return (
    <p>
      <Button isStretched onClick={() => location.assign(address)}>
        {t.signIn.withProvider(ways.oidcProvider)}
      </Button>
    </p>
  );
}
