import question from '@zendeskgarden/svg-icons/src/16/question-mark-stroke.svg?raw';
import moon from '@zendeskgarden/svg-icons/src/16/moon-stroke.svg?raw';
import sun from '@zendeskgarden/svg-icons/src/16/sun-stroke.svg?raw';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, Outlet, useNavigate } from '@tanstack/react-router';
import { Button, IconButton } from '@zendeskgarden/react-buttons';
import { useColorScheme } from '@zendeskgarden/react-theming';
import { useState } from 'react';
import { may, meQuery, signOut } from '../api/session';
import { Icon } from '../parts/icon';
import { t } from '../texts';
import { ConnectionNotice } from './connection-notice';
import { OrganisationSwitch } from './organisation-switch';
import { RAIL } from './rail-entries';
import { Search } from './search';
import { ShortcutsDialog, useShortcut, useShortcutKeys } from './shortcuts';
import * as S from './frame-styles';

/** The frame of every page behind the sign-in: skip link, navigation by role, who is signed in. */
export function Frame() {
  const { data: me } = useQuery(meQuery);
  return (
    <S.Frame>
      <S.Skip href="#content">{t.frame.skip}</S.Skip>
      <S.Rail aria-label={t.frame.navigation}>
        <S.Brand as={Link} to="/scans">
          <img src="/icon.svg" alt="" width="24" height="24" />
          <span>{t.frame.product}</span>
        </S.Brand>
        <ul>
          {RAIL.filter((entry) => entry.shown(me)).map((entry) => (
            <li key={entry.text}>
              <S.Entry as={Link} to={entry.to} activeProps={{ 'aria-current': 'page' }}>
                <Icon svg={entry.icon} />
                <span>{entry.text}</span>
              </S.Entry>
            </li>
          ))}
        </ul>
      </S.Rail>
      <S.Side>
        <TopBar />
        <ConnectionNotice />
        <S.Content id="content" tabIndex={-1}>
          <Outlet />
        </S.Content>
      </S.Side>
    </S.Frame>
  );
}

function TopBar() {
  const { data: me } = useQuery(meQuery);
  const queries = useQueryClient();
  const navigate = useNavigate();
  const leave = async (): Promise<void> => {
    await signOut();
    queries.clear();
    await navigate({ to: '/sign-in', search: {} });
  };
  return (
    <S.Bar>
      {may(me, 'scans.read') && <Search />}
      {me && (
        <S.Who>
          {t.frame.signedInAs(t.words.role[me.person.role], me.organisation?.name ?? t.frame.operatorPeople)}
        </S.Who>
      )}
      <OrganisationSwitch />
      <Link to="/account/me">{t.frame.ownAccount}</Link>
      <Shortcuts />
      <Appearance />
      <Button size="small" onClick={() => void leave()}>
        {t.frame.signOut}
      </Button>
    </S.Bar>
  );
}

function Shortcuts() {
  const [open, setOpen] = useState(false);
  useShortcutKeys();
  useShortcut('?', t.frame.shortcutsKey, () => setOpen(true));
  return (
    <>
      <IconButton
        size="small"
        aria-label={t.frame.shortcuts}
        title={`${t.frame.shortcuts} (?)`}
        onClick={() => setOpen(true)}
      >
        <Icon svg={question} />
      </IconButton>
      {open && <ShortcutsDialog onClose={() => setOpen(false)} />}
    </>
  );
}

function Appearance() {
  const { colorScheme, setColorScheme } = useColorScheme();
  const dark = colorScheme === 'dark';
  const name = dark ? t.frame.light : t.frame.dark;
  return (
    <IconButton size="small" aria-label={name} title={name} onClick={() => setColorScheme(dark ? 'light' : 'dark')}>
      <Icon svg={dark ? sun : moon} />
    </IconButton>
  );
}
