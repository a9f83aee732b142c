import { Button } from '@zendeskgarden/react-buttons';
import { Alert, Title } from '@zendeskgarden/react-notifications';
import styled from 'styled-components';
import { ApiProblem } from '../api/client';
import { t } from '../texts';

const Space = styled.div`
  margin: 16px 0;
  max-width: 640px;
`;

/** What was refused or failed, why, and what to do. */
export function ProblemNotice({ title, error, retry }: { title?: string; error: unknown; retry?: () => void }) {
  const problem = error instanceof ApiProblem ? error : undefined;
  const instance = problem?.document.instance?.replace('urn:lazaret:request:', '');
  return (
    <Space role="alert">
      <Alert type="error">
        <Title>{title ?? problem?.title ?? String(error)}</Title>
        {problem && (
          <>
            {title !== undefined && <div>{problem.title}</div>}
            {problem.message !== problem.title && <div>{problem.message}</div>}
            <div>{problem.remedy}</div>
            {problem.status >= 500 && instance && <small>{t.frame.request(instance)}</small>}
          </>
        )}
        {retry && (
          <Button size="small" onClick={retry}>
            {t.frame.tryAgain}
          </Button>
        )}
      </Alert>
    </Space>
  );
}
