import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import styled from 'styled-components';
import type { Scan } from '../../api/client';

/** Covers the whole row, so that a click anywhere opens it and the keyboard meets one link. */
const Whole = styled.span`
  font-weight: 600;
  a::after {
    content: '';
    position: absolute;
    inset: 0;
  }
`;

/** The link of a row. */
export function RowLink({ scan, children }: { scan: Scan; children: ReactNode }) {
  return (
    <Whole>
      <Link to="/scans/$id" params={{ id: scan.id }} data-row-link>
        {children}
      </Link>
    </Whole>
  );
}
