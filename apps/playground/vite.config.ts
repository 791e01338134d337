import { defineConfig } from 'vite';

import { behaviour } from './behaviour-plugin.js';

// Builds the page next to the command, which serves it.
export default defineConfig({
  root: 'web',
  plugins: [behaviour()],
  build: {
    outDir: '../dist/web',
    emptyOutDir: true,
    target: 'es2022',
    // The oldest browsers with `light-dark()`, which the styles need for the themes.
    cssTarget: ['chrome123', 'firefox120', 'safari17.5'],
    // Nothing inline: the page's policy only allows scripts, styles and data from its own files.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});
