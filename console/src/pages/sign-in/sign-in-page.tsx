import { useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { meQuery } from '../../api/session';
import type { SignInStage } from '../../api/session';
import { t } from '../../texts';
import { PasswordForm } from './password-form';
import { SecondFactorForm } from './second-factor-form';
import { SignInBox } from './sign-in-box';

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
    <SignInBox title={stage === 'second_factor' ? t.signIn.secondTitle : t.signIn.title}>
      {stage === 'full' && (
        <>
          <PasswordForm onStage={reached} />
          <p>
            <Link to="/forgotten-password">{t.signIn.forgot}</Link>
          </p>
        </>
      )}
      {stage === 'second_factor' && <SecondFactorForm onStage={reached} />}
      {stage === 'enrol' && <p>{t.signIn.enrol}</p>}
    </SignInBox>
  );
}
