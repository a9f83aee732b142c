import magnifier from '@zendeskgarden/svg-icons/src/16/search-stroke.svg?raw';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { Field, MediaInput } from '@zendeskgarden/react-forms';
import { useEffect, useRef, useState } from 'react';
import styled from 'styled-components';
import { Icon } from '../parts/icon';
import { readScanSearch } from '../pages/scans/scan-search';
import { t } from '../texts';
import { useShortcut } from './shortcuts';

const Form = styled.form`
  flex: 1 1 220px;
  max-width: 420px;
  margin-right: auto;
`;

/** Looks for scans from every page: by file name, link, ticket or SHA-256. On the list it keeps the other filters. */
export function Search() {
  // Of any page: others have no text of this name.
  const search: Record<string, unknown> = useSearch({ strict: false });
  const text = typeof search['text'] === 'string' ? search['text'] : '';
  const [typed, setTyped] = useState(text);
  const input = useRef<HTMLInputElement>(null);
  const navigate = useNavigate();
  useEffect(() => setTyped(text), [text]);
  useShortcut('/', t.frame.searchKey, (event) => {
    event.preventDefault();
    input.current?.focus();
  });
  const find = (sought: string): void => {
    const { text: _, ...others } = location.pathname === '/scans' ? readScanSearch(search) : {};
    void navigate({ to: '/scans', search: sought === '' ? others : { ...others, text: sought } });
  };
  return (
    <Form
      role="search"
      onSubmit={(event) => {
        event.preventDefault();
        find(typed.trim());
      }}
    >
      <Field>
        <Field.Label hidden>{t.scans.search}</Field.Label>
        <MediaInput
          ref={input}
          isCompact
          start={<Icon svg={magnifier} />}
          type="search"
          placeholder={t.scans.search}
          value={typed}
          maxLength={500}
          onChange={(event) => {
            setTyped(event.target.value);
            if (event.target.value === '' && text !== '') find('');
          }}
        />
      </Field>
    </Form>
  );
}
