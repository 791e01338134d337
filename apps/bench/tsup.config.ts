import { defineConfig } from 'tsup';

// A command, not a library: one module for Node, and no declarations. It measures the packages as they are built.
export default defineConfig({
  entry: ['src/cli.ts'],
  format: ['esm'],
  target: 'node20',
  platform: 'node',
  removeNodeProtocol: false,
  sourcemap: true,
  clean: true,
});
