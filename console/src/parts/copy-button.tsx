import copyIcon from '@zendeskgarden/svg-icons/src/16/copy-stroke.svg?raw';
import { IconButton } from '@zendeskgarden/react-buttons';
import { announce } from '../shell/announce';
import { t } from '../texts';
import { Icon } from './icon';

/** Copies the whole value, however short it is shown. */
export function CopyButton({ value, name }: { value: string; name: string }) {
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(value);
    announce(t.frame.copied);
  };
  return (
    <IconButton size="small" aria-label={`${t.frame.copy} ${name}`} title={t.frame.copy} onClick={() => void copy()}>
      <Icon svg={copyIcon} />
    </IconButton>
  );
}
