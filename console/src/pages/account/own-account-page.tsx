import { useQuery } from '@tanstack/react-query';
import { Field, Select } from '@zendeskgarden/react-forms';
import { useColorScheme } from '@zendeskgarden/react-theming';
import { meQuery } from '../../api/session';
import { Card, Facts, Loading, Page, Stack, Subtle } from '../../parts/page';
import { Untrusted } from '../../parts/untrusted';
import { When } from '../../parts/when';
import { chooseZone, knownZones, OWN_ZONE, useZone } from '../../shell/time-zone';
import { t } from '../../texts';
import { FactorCard } from './factor-card';
import { PasswordCard } from './password-card';
import { SessionsCard } from './sessions-card';

const texts = t.me;
const SCHEMES = ['system', 'light', 'dark'] as const;

/** What belongs to the reader alone: password, second factor, sessions, appearance and time. */
export function OwnAccountPage() {
  const { data: me } = useQuery(meQuery);
  if (!me) return <Loading />;
  return (
    <Page title={texts.title} name={texts.title}>
      <Card aria-labelledby="person">
        <h2 id="person">{texts.person}</h2>
        <Facts>
          <dt>{texts.name}</dt>
          <dd>
            <Untrusted text={me.person.name} />
          </dd>
          <dt>{texts.email}</dt>
          <dd>
            <Untrusted text={me.person.email} />
          </dd>
          <dt>{texts.role}</dt>
          <dd>{t.words.role[me.person.role]}</dd>
          <dt>{texts.organisation}</dt>
          <dd>{me.organisation ? <Untrusted text={me.organisation.name} /> : t.frame.operatorPeople}</dd>
        </Facts>
        {me.person.external && <p>{texts.external}</p>}
      </Card>
      {!me.person.external && <PasswordCard />}
      {!me.person.external && <FactorCard isOn={me.person.secondFactor} />}
      <SessionsCard />
      <AppearanceCard />
    </Page>
  );
}

function AppearanceCard() {
  const zone = useZone();
  return (
    <Card aria-labelledby="appearance">
      <h2 id="appearance">{texts.appearance}</h2>
      <Stack style={{ maxWidth: 400 }}>
        <SchemeChoice />
        <Field>
          <Field.Label>{texts.zone}</Field.Label>
          <Select value={zone} onChange={(event) => chooseZone(event.target.value)}>
            <option value="">{texts.zoneOwn(OWN_ZONE)}</option>
            {knownZones().map((one) => (
              <option key={one} value={one}>
                {one}
              </option>
            ))}
          </Select>
        </Field>
        <Subtle>
          {texts.zoneNow} <When key={zone} at={new Date().toISOString()} full />
        </Subtle>
      </Stack>
    </Card>
  );
}

function SchemeChoice() {
  const { isSystem, colorScheme, setColorScheme } = useColorScheme();
  return (
    <Field>
      <Field.Label>{texts.scheme}</Field.Label>
      <Select
        value={isSystem ? 'system' : colorScheme}
        onChange={(event) => {
          const chosen = SCHEMES.find((one) => one === event.target.value);
          if (chosen) setColorScheme(chosen);
        }}
      >
        {SCHEMES.map((one) => (
          <option key={one} value={one}>
            {texts.schemes[one]}
          </option>
        ))}
      </Select>
    </Field>
  );
}
