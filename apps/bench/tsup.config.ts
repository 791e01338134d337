import { defineConfig } from 'tsup';

// Commands, not a library: ES modules for Node, without declarations. They measure the built packages.
export default defineConfig({
  entry: ['src/cli.ts', 'src/worker.ts', 'src/server.ts'],
  format: ['esm'],
  target: 'node20',
  platform: 'node',
  removeNodeProtocol: false,
  sourcemap: true,
  clean: true,
});
