import zendesk from '@zendeskgarden/svg-icons/src/16/zendesk-stroke.svg?raw';
import { Button, ToggleIconButton } from '@zendeskgarden/react-buttons';
import { useState } from 'react';
import styled from 'styled-components';
import { CHANNELS, ITEM_KINDS, ITEM_STATES, VERDICTS } from '../../../../domain/words';
import type { ChannelName } from '../../../../domain/words';
import { Icon } from '../../parts/icon';
import { Line } from '../../parts/page';
import { t } from '../../texts';
import { MoreFilters } from './more-filters';
import { wordsOf } from './scan-search';
import type { ScanSearch } from './scan-search';
import { TimeFilter } from './time-filter';
import { WordsFilter } from './words-filter';

const MARKS: Record<ChannelName, string> = { zendesk };
const Row = styled(Line)`
  margin-bottom: 12px;
`;

interface Props {
  search: ScanSearch;
  onChange: (search: ScanSearch) => void;
}

/** The filters above the list, channels first. */
export function ScanFilters({ search, onChange }: Props) {
  const [open, setOpen] = useState(false);
  const set = (name: keyof ScanSearch) => (value: string) => onChange(withFilter(search, name, value));
  const filtered = Object.keys(search).length > 0;
  return (
    <>
      <Row data-filters>
        {CHANNELS.map((channel) => (
          <ChannelToggle key={channel} channel={channel} chosen={search.channel} onChange={set('channel')} />
        ))}
        <WordsFilter
          name={t.scans.verdict}
          words={VERDICTS}
          texts={t.words.verdict}
          chosen={search.verdict}
          onChange={set('verdict')}
        />
        <WordsFilter
          name={t.scans.state}
          words={ITEM_STATES}
          texts={t.words.state}
          chosen={search.state}
          onChange={set('state')}
        />
        <WordsFilter
          name={t.scans.kind}
          words={ITEM_KINDS}
          texts={t.words.kind}
          chosen={search.kind}
          onChange={set('kind')}
        />
        <TimeFilter chosen={search.since ?? ''} onChange={set('since')} />
        <Button isBasic aria-expanded={open} onClick={() => setOpen(!open)}>
          {open ? t.scans.fewerFilters : t.scans.moreFilters}
        </Button>
        {filtered && (
          <Button isBasic onClick={() => onChange({})}>
            {t.scans.clear}
          </Button>
        )}
      </Row>
      {open && <MoreFilters search={search} onChange={onChange} />}
    </>
  );
}

function withFilter(search: ScanSearch, name: keyof ScanSearch, value: string): ScanSearch {
  const { [name]: _, ...others } = search;
  return value === '' ? others : { ...others, [name]: value };
}

function ChannelToggle(props: { channel: ChannelName; chosen: string | undefined; onChange: (v: string) => void }) {
  const { channel } = props;
  const chosen = wordsOf(props.chosen, CHANNELS);
  const pressed = chosen.includes(channel);
  const next = pressed ? chosen.filter((one) => one !== channel) : [...chosen, channel];
  const name = t.scans.channelOnly(t.words.channel[channel]);
  return (
    <ToggleIconButton
      isPressed={pressed}
      isBasic={false}
      aria-label={name}
      title={name}
      onClick={() => props.onChange(next.join(','))}
    >
      <Icon svg={MARKS[channel]} />
    </ToggleIconButton>
  );
}
