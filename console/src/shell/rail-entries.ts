import magnifier from '@zendeskgarden/svg-icons/src/16/document-search-stroke.svg?raw';
import key from '@zendeskgarden/svg-icons/src/16/lock-locked-stroke.svg?raw';
import plug from '@zendeskgarden/svg-icons/src/16/plug-stroke.svg?raw';
import shield from '@zendeskgarden/svg-icons/src/16/shield-stroke.svg?raw';
import people from '@zendeskgarden/svg-icons/src/16/user-group-stroke.svg?raw';
import type { LinkProps } from '@tanstack/react-router';
import type { Session } from '../api/client';
import { may } from '../api/session';
import { t } from '../texts';

/** One page in the rail at the left. */
export interface RailEntry {
  to: NonNullable<LinkProps['to']>;
  /** Source of the icon, as it was bundled. */
  icon: string;
  text: string;
  /** Whether this reader gets it: by a right of the API, or by role. */
  shown: (me: Session | null | undefined) => boolean;
}

const byRight = (right: string) => (me: Session | null | undefined) => may(me, right);

/** Every page in the rail, in order; each reader sees those that the API lets him use. */
export const RAIL: readonly RailEntry[] = [
  { to: '/scans', icon: shield, text: t.frame.scans, shown: byRight('scans.read') },
  { to: '/investigations', icon: magnifier, text: t.frame.investigations, shown: byRight('investigations.read') },
  { to: '/account/channels', icon: plug, text: t.frame.channels, shown: byRight('connections.read') },
  { to: '/account/users', icon: people, text: t.frame.users, shown: byRight('people.manage') },
  { to: '/account/api-keys', icon: key, text: t.frame.apiKeys, shown: byRight('api_keys.manage') },
];
