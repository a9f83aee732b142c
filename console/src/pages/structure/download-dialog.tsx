import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { api, bodyOf } from '../../api/client';
import { CopyButton } from '../../parts/copy-button';
import { FormDialog } from '../../parts/form-dialog';
import { Line } from '../../parts/page';
import { ProblemNotice } from '../../parts/problem';
import { announce } from '../../shell/announce';
import { t } from '../../texts';

/** Without letters that are taken for others. */
const LETTERS = 'abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789';
const LENGTH = 24;

/** A password that nobody has to remember: about 139 bits. */
function randomPassword(): string {
  const password: string[] = [];
  while (password.length < LENGTH) {
    // Refused where it would make the first letters likelier than others.
    for (const byte of crypto.getRandomValues(new Uint8Array(LENGTH))) {
      const letter = byte < LETTERS.length * 4 ? LETTERS[byte % LETTERS.length] : undefined;
      if (letter !== undefined && password.length < LENGTH) password.push(letter);
    }
  }
  return password.join('');
}

function save(archive: Blob, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(archive);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

/** The original, in an archive that only this password opens. */
export function DownloadDialog({ scanId, sha256, onClose }: { scanId: string; sha256: string; onClose: () => void }) {
  const [password] = useState(randomPassword);
  const { structure } = t.analysts;
  const download = useMutation({
    mutationFn: () =>
      bodyOf(
        api.POST('/api/v1/scans/{id}/sealed-copy', {
          params: { path: { id: scanId } },
          body: { password },
          parseAs: 'blob',
        }),
      ),
    onSuccess: (archive: Blob) => {
      save(archive, `${sha256.slice(0, 16)}.zip`);
      announce(structure.downloaded);
    },
  });
  return (
    <FormDialog
      title={structure.downloadTitle}
      send={structure.downloadSend}
      isSending={download.isPending}
      onClose={onClose}
      onSend={() => download.mutate()}
    >
      {download.isError && <ProblemNotice error={download.error} />}
      <p>{structure.downloadWhat}</p>
      <div>
        <strong>{structure.password}</strong>
        <Line>
          <code data-password>{password}</code>
          <CopyButton value={password} name={structure.password} />
        </Line>
        <p>{structure.passwordWhat}</p>
      </div>
      {download.isSuccess && <p>{structure.downloaded}</p>}
    </FormDialog>
  );
}
