import { Link } from '@tanstack/react-router';
import { Empty, Page } from '../parts/page';
import { t } from '../texts';

/** For an address that is no page. */
export function NotFound() {
  return (
    <main>
      <Empty>
        <Page title={t.frame.noPage} name={t.frame.noPage}>
          <p>{t.frame.noPageWhat}</p>
          <Link to="/scans">{t.frame.toScans}</Link>
        </Page>
      </Empty>
    </main>
  );
}
