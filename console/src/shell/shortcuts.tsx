import { Button } from '@zendeskgarden/react-buttons';
import { Field, Toggle } from '@zendeskgarden/react-forms';
import { Modal } from '@zendeskgarden/react-modals';
import { useEffect, useRef, useState } from 'react';
import styled from 'styled-components';
import { Facts, Stack } from '../parts/page';
import { t } from '../texts';

interface Shortcut {
  key: string;
  text: string;
  run: (event: KeyboardEvent) => void;
}

const KEPT = 'lazaret-shortcuts';
const known = new Set<Shortcut>();

/** Single keys can be switched off, for people whose voice or switch control types letters by accident. */
function areOn(): boolean {
  return localStorage.getItem(KEPT) !== 'off';
}

/** A key that does something on the page it is used on, listed by `?`. Keys typed into a field or a dialog are not taken. */
export function useShortcut(key: string, text: string, run: (event: KeyboardEvent) => void): void {
  const latest = useRef(run);
  latest.current = run;
  useEffect(() => {
    const shortcut = { key, text, run: (event: KeyboardEvent) => latest.current(event) };
    known.add(shortcut);
    return () => void known.delete(shortcut);
  }, [key, text]);
}

/** Hears keys for every {@link useShortcut}; used once, by the frame. */
export function useShortcutKeys(): void {
  useEffect(() => {
    const hear = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || isTyping(event.target)) return;
      if (!areOn() || document.querySelector('[role="dialog"], [role="menu"]:not([aria-hidden="true"])')) return;
      // What was added last is nearest to the reader.
      const found = [...known].toReversed().find((one) => one.key === event.key);
      found?.run(event);
    };
    document.addEventListener('keydown', hear);
    return () => document.removeEventListener('keydown', hear);
  }, []);
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest('input, textarea, select, [contenteditable="true"]') !== null;
}

const Key = styled.kbd`
  font-family: ${({ theme }) => theme.fonts.mono};
`;

/** The list of keys that work here, and whether they shall. */
export function ShortcutsDialog({ onClose }: { onClose: () => void }) {
  const [on, setOn] = useState(areOn);
  const listed = [...known].toSorted((a, b) => a.text.localeCompare(b.text));
  const change = (next: boolean): void => {
    localStorage.setItem(KEPT, next ? 'on' : 'off');
    setOn(next);
  };
  return (
    <Modal onClose={onClose} focusOnMount restoreFocus>
      <Modal.Header tag="h2">{t.frame.shortcuts}</Modal.Header>
      <Modal.Body>
        <Stack>
          <Facts>
            {listed.map((one) => (
              <Row key={one.key + one.text} shortcut={one} />
            ))}
          </Facts>
          <Field>
            <Toggle checked={on} onChange={(event) => change(event.target.checked)}>
              <Field.Label>{t.frame.shortcutsOn}</Field.Label>
            </Toggle>
          </Field>
        </Stack>
      </Modal.Body>
      <Modal.Footer>
        <Modal.FooterItem>
          <Button isPrimary onClick={onClose}>
            {t.frame.close}
          </Button>
        </Modal.FooterItem>
      </Modal.Footer>
      <Modal.Close aria-label={t.frame.close} />
    </Modal>
  );
}

const SHOWN: Record<string, string> = { ArrowDown: '↓ ↑', Enter: 'Enter ↵' };

function Row({ shortcut: { key, text } }: { shortcut: Shortcut }) {
  return (
    <>
      <dt>
        <Key>{SHOWN[key] ?? key}</Key>
      </dt>
      <dd>{text}</dd>
    </>
  );
}
