import { defineConfig } from 'vite';

import { behaviour } from './behaviour-plugin.js';

// The page: served by the command from beside itself, and never from anywhere else.
export default defineConfig({
  root: 'web',
  plugins: [behaviour()],
  build: {
    outDir: '../dist/web',
    emptyOutDir: true,
    target: 'es2022',
    // `light-dark()`: two themes in one place.
    cssTarget: ['chrome123', 'firefox120', 'safari17.5'],
    // Nothing inline: the page allows no scripts, styles or data but from files of its own.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});
