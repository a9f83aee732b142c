import download from '@zendeskgarden/svg-icons/src/16/download-stroke.svg?raw';
import { useQuery } from '@tanstack/react-query';
import { Anchor, Button } from '@zendeskgarden/react-buttons';
import styled from 'styled-components';
import { may, meQuery } from '../../api/session';
import { Icon } from '../../parts/icon';
import { Line, Subtle } from '../../parts/page';
import { t } from '../../texts';
import type { Liveness } from './live';
import { SavedViews } from './saved-views';
import { queryOf } from './scan-search';
import type { ScanSearch } from './scan-search';

/** Always of one height, so that nothing below moves when something new is said in it. */
const Bar = styled(Line)`
  min-height: 40px;
  margin-bottom: 8px;
`;
const Left = styled(Line)`
  margin-right: auto;
`;

interface Props {
  search: ScanSearch;
  onChange: (search: ScanSearch) => void;
  said: string;
  fresh: number;
  showFresh: () => void;
  liveness: Liveness;
  selected: number;
  onAct: (act: 'ask' | 'decide' | 'clear') => void;
}

/** The line above the table: how much is shown or selected, what is new, and what can be done with the list. */
export function ListBar(props: Props) {
  return (
    <Bar>
      <Left>
        {props.selected > 0 ? <Acts selected={props.selected} onAct={props.onAct} /> : <Subtle>{props.said}</Subtle>}
        {props.fresh > 0 && (
          <Button isPrimary isPill size="small" onClick={props.showFresh}>
            {t.scans.fresh(props.fresh)}
          </Button>
        )}
      </Left>
      <Subtle title={t.scans.livenessWhat[props.liveness]}>● {t.scans.liveness[props.liveness]}</Subtle>
      <SavedViews search={props.search} onChange={props.onChange} />
      <Export search={props.search} />
    </Bar>
  );
}

function Acts({ selected, onAct }: Pick<Props, 'selected' | 'onAct'>) {
  const { data: me } = useQuery(meQuery);
  return (
    <>
      <strong>{t.scans.bulk.selected(selected)}</strong>
      {may(me, 'scans.decide') && (
        <Button size="small" isPrimary onClick={() => onAct('decide')}>
          {t.scans.detail.decide}
        </Button>
      )}
      {may(me, 'investigations.request') && (
        <Button size="small" onClick={() => onAct('ask')}>
          {t.scans.detail.ask}
        </Button>
      )}
      <Button size="small" isBasic onClick={() => onAct('clear')}>
        {t.scans.bulk.clear}
      </Button>
    </>
  );
}

/** The table as a file, of what is filtered. The browser reads it as a stream. */
function Export({ search }: { search: ScanSearch }) {
  const { data: me } = useQuery(meQuery);
  const organisation = search.organisation ?? me?.organisation?.id;
  if (organisation === undefined) {
    return <Subtle>{t.scans.csvOfOne}</Subtle>;
  }
  const pairs = Object.entries(queryOf(search, Date.now())).map(([name, value]) => [name, String(value)]);
  const query = new URLSearchParams(pairs).toString();
  return (
    <Anchor href={`/api/v1/scans.csv${query === '' ? '' : `?${query}`}`} download>
      <Line>
        <Icon svg={download} />
        {t.scans.csv}
      </Line>
    </Anchor>
  );
}
