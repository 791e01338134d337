import { defineConfig } from 'tsup';

// Commands, not a library: modules for Node, and no declarations. They measure the packages as they are built.
export default defineConfig({
  entry: ['src/cli.ts', 'src/worker.ts', 'src/server.ts'],
  format: ['esm'],
  target: 'node20',
  platform: 'node',
  removeNodeProtocol: false,
  sourcemap: true,
  clean: true,
});
