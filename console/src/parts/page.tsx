import { Skeleton } from '@zendeskgarden/react-loaders';
import { getColor } from '@zendeskgarden/react-theming';
import { XXL } from '@zendeskgarden/react-typography';
import { useEffect, useRef } from 'react';
import type { ReactNode } from 'react';
import styled from 'styled-components';
import { t } from '../texts';

const Head = styled.div`
  display: flex;
  flex-wrap: wrap;
  align-items: center;
  justify-content: space-between;
  gap: 12px;
  margin-bottom: 20px;
`;
const Heading = styled(XXL)`
  margin: 0;
  outline: none;
  overflow-wrap: anywhere;
`;

/** A page's heading and content. The heading takes the focus, so that a screen reader reads the new page. */
export function Page(props: { title: ReactNode; name: string; beside?: ReactNode; children: ReactNode }) {
  const heading = useRef<HTMLDivElement>(null);
  useEffect(() => {
    document.title = `${props.name} – ${t.frame.product}`;
    heading.current?.focus({ preventScroll: true });
  }, [props.name]);
  return (
    <>
      <Head>
        <Heading tag="h1" ref={heading} tabIndex={-1}>
          {props.title}
        </Heading>
        {props.beside}
      </Head>
      {props.children}
    </>
  );
}

/** Lines where text will be, of the height that it will have. */
export function Loading({ lines = 6 }: { lines?: number }) {
  return (
    <div role="status" aria-label={t.frame.loading}>
      {Array.from({ length: lines }, (_, at) => (
        <Skeleton key={at} height="24px" />
      ))}
    </div>
  );
}

export const Empty = styled.div`
  padding: 40px 16px;
  text-align: center;
  color: ${({ theme }) => getColor({ theme, variable: 'foreground.subtle' })};
`;

export const Card = styled.section`
  margin-bottom: 20px;
  border: 1px solid ${({ theme }) => getColor({ theme, variable: 'border.default' })};
  border-radius: 8px;
  padding: 16px 20px;
  background: ${({ theme }) => getColor({ theme, variable: 'background.raised' })};
  h2 {
    margin: 0 0 12px;
    font-size: 16px;
    font-weight: 600;
  }
`;

export const Facts = styled.dl`
  display: grid;
  grid-template-columns: max-content minmax(0, 1fr);
  gap: 6px 16px;
  margin: 0;
  dt {
    color: ${({ theme }) => getColor({ theme, variable: 'foreground.subtle' })};
  }
  dd {
    margin: 0;
    overflow-wrap: anywhere;
  }
  @media (max-width: 480px) {
    grid-template-columns: 1fr;
    gap: 2px;
    dd {
      margin-bottom: 8px;
    }
  }
`;

export const Subtle = styled.span`
  color: ${({ theme }) => getColor({ theme, variable: 'foreground.subtle' })};
  font-size: 0.95em;
`;

export const Stack = styled.div<{ $gap?: number }>`
  display: flex;
  flex-direction: column;
  gap: ${({ $gap = 16 }) => $gap}px;
`;

export const Line = styled.div`
  display: flex;
  flex-wrap: wrap;
  align-items: center;
  gap: 8px;
`;
