import { useQueryClient } from '@tanstack/react-query';
import { Alert, Title } from '@zendeskgarden/react-notifications';
import { useEffect, useState } from 'react';
import styled from 'styled-components';
import { listen } from '../api/client';
import { meQuery } from '../api/session';
import { t } from '../texts';
import { announce } from './announce';

const AGAIN_MS = 3000;
/** Over the page, so that nothing in it moves. */
const Over = styled.div`
  position: fixed;
  left: 16px;
  right: 16px;
  bottom: 16px;
  z-index: 20;
  max-width: 560px;
  margin: 0 auto;
`;

/** Says that the server is out of reach, tries again, and refreshes everything when it is back. */
export function ConnectionNotice() {
  const [lost, setLost] = useState(false);
  const queries = useQueryClient();
  useEffect(() => {
    listen({ reached: (reachable) => setLost(!reachable) });
    return () => listen({ reached: () => undefined });
  }, []);
  useEffect(() => {
    if (!lost) return undefined;
    announce(t.frame.lost);
    const timer = setInterval(() => void queries.refetchQueries({ queryKey: meQuery.queryKey }), AGAIN_MS);
    return () => {
      clearInterval(timer);
      announce(t.frame.back);
      void queries.invalidateQueries();
    };
  }, [lost, queries]);
  if (!lost) return null;
  return (
    <Over>
      <Alert type="warning">
        <Title>{t.frame.lost}</Title>
        {t.frame.lostWhat}
      </Alert>
    </Over>
  );
}
