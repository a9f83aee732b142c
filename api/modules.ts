import type { ConnectionApiDeps } from './connection-deps';
import type { ClockWatch } from './hook-clock';
import type { RouteModule } from './openapi';
import { activationRoutes } from './routes/activation';
import { connectionRoutes } from './routes/connections';
import { coverageRoutes } from './routes/coverage';
import { hookRoutes } from './routes/hooks';
import { scanChangesRoutes } from './routes/scan-changes';
import { scannerCallbackRoutes } from './routes/scanner-callbacks';
import { scansCsvRoutes } from './routes/scans-csv';
import { sealedCopyRoutes } from './routes/sealed-copy';
import { structureRoutes } from './routes/structure';
import type { StructureDeps } from './routes/structure';
import { sidebarRoutes } from './routes/sidebar';
import { zendeskAppRoutes } from './routes/zendesk-app';
import type { ScanFeed } from './scan-feed';
import type { SidebarDeps } from './sidebar';
import type { SidebarFiles } from './sidebar-page';

/** What the product serves beside the routes of every application. */
export function productModules(
  connections: ConnectionApiDeps,
  parts: StructureDeps & {
    scanFeed: ScanFeed;
    clocks: ClockWatch;
    sidebar: Pick<SidebarDeps, 'maySee'> & { files: SidebarFiles };
  },
): RouteModule[] {
  return [
    activationRoutes(connections),
    connectionRoutes(connections),
    coverageRoutes(parts),
    hookRoutes(connections, parts.clocks),
    scannerCallbackRoutes(connections),
    scansCsvRoutes(parts),
    scanChangesRoutes(parts),
    structureRoutes(parts),
    sealedCopyRoutes(parts),
    zendeskAppRoutes(connections),
    sidebarRoutes({ ...connections, maySee: parts.sidebar.maySee }, parts.sidebar.files),
  ];
}
