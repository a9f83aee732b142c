import { Button } from '@zendeskgarden/react-buttons';
import { Modal } from '@zendeskgarden/react-modals';
import type { ReactNode } from 'react';
import { t } from '../texts';
import { Stack } from './page';

interface Props {
  title: string;
  send: string;
  isDanger?: boolean;
  isSending: boolean;
  onSend: () => void;
  onClose: () => void;
  children: ReactNode;
}

/** A dialog with a form in it. Escape and the two buttons close it; the focus goes back to where it was. */
export function FormDialog({ title, send, isDanger = false, isSending, onSend, onClose, children }: Props) {
  return (
    <Modal onClose={onClose} focusOnMount restoreFocus>
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          onSend();
        }}
      >
        <Modal.Header tag="h2">{title}</Modal.Header>
        <Modal.Body>
          <Stack>{children}</Stack>
        </Modal.Body>
        <Modal.Footer>
          <Modal.FooterItem>
            <Button isBasic onClick={onClose}>
              {t.frame.cancel}
            </Button>
          </Modal.FooterItem>
          <Modal.FooterItem>
            <Button isPrimary isDanger={isDanger} type="submit" disabled={isSending}>
              {send}
            </Button>
          </Modal.FooterItem>
        </Modal.Footer>
      </form>
      <Modal.Close aria-label={t.frame.close} />
    </Modal>
  );
}
