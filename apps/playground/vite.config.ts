import { defineConfig } from 'vite';

// The page: served by the command from beside itself, and never from anywhere else.
export default defineConfig({
  root: 'web',
  base: '/',
  build: {
    outDir: '../dist/web',
    emptyOutDir: true,
    target: 'es2022',
    // Nothing inline: the page allows no scripts, styles or data but from files of its own.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    sourcemap: false,
  },
});
