import { defineConfig } from 'tsup';

// A command, not a library: one module for Node, without declarations. The dependencies in package.json are not
// bundled.
export default defineConfig({
  entry: ['src/cli.ts'],
  format: ['esm'],
  target: 'node20',
  platform: 'node',
  removeNodeProtocol: false,
  sourcemap: true,
  clean: true,
});
