import { defineConfig } from 'vite';

// `npx vite console --config console/vite.config.mjs` serves the console with reloading, in front of a running API.
const api = process.env.LAZARET_PUBLIC_URL ?? 'http://127.0.0.1:8800';

export default defineConfig({
  root: new URL('.', import.meta.url).pathname,
  build: {
    outDir: '../dist/console',
    emptyOutDir: true,
    target: 'es2022',
    manifest: true,
    // Libraries that ship inside are named with their licences.
    license: { fileName: 'licences.md' },
    // No data: addresses: the content security policy allows none.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      // "use client" is a word to servers that render; there is none here.
      onLog: (level, log, handle) => log.code !== 'MODULE_LEVEL_DIRECTIVE' && handle(level, log),
    },
  },
  server: { proxy: { '/api': api, '/activation': api } },
});
