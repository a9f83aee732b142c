import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { ApiProblem, listen } from './api/client';
import { meQuery } from './api/session';
import { createConsoleRouter } from './router';
import { LiveRegion } from './shell/announce';
import { Appearance } from './shell/theme';

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 5000,
      retry: (count, error) => count < 2 && error instanceof ApiProblem && error.status >= 500,
    },
  },
});
const router = createConsoleRouter(queries);

// The session ended while somebody was at work: sign in, and come back to the same address.
listen({
  signInNeeded: () => {
    queries.setQueryData(meQuery.queryKey, null);
    void router.invalidate();
  },
});

const root = document.getElementById('root');
if (!root) throw new Error('index.html has no element with the id root');
createRoot(root).render(
  <StrictMode>
    <Appearance>
      <QueryClientProvider client={queries}>
        <RouterProvider router={router} />
        <LiveRegion />
      </QueryClientProvider>
    </Appearance>
  </StrictMode>,
);
