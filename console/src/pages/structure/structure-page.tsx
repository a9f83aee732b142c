import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { api, bodyOf } from '../../api/client';
import { Page } from '../../parts/page';
import { Untrusted } from '../../parts/untrusted';
import { t } from '../../texts';
import { StructureView } from './structure-view';

/** The parts of one scan's file, on a page of their own. */
export function StructurePage() {
  const { id } = useParams({ from: '/inside/scans/$id/structure' });
  const story = useQuery({
    queryKey: ['scan', id],
    queryFn: () => bodyOf(api.GET('/api/v1/scans/{id}', { params: { path: { id } } })),
  });
  const name = story.data?.scan.displayName ?? '';
  return (
    <Page
      title={name === '' ? t.analysts.structure.title : <Untrusted text={name} />}
      name={t.analysts.structure.page(name)}
      beside={
        <Link to="/scans/$id" params={{ id }}>
          {t.analysts.desk.scan}
        </Link>
      }
    >
      <StructureView scanId={id} />
    </Page>
  );
}
