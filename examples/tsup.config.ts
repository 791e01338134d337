import { defineConfig } from 'tsup';

// Each recipe is a separate program: nothing is bundled into it.
export default defineConfig({
  entry: ['src/*.ts', '!src/*.test.ts'],
  format: ['esm'],
  target: 'node20',
  platform: 'node',
  bundle: false,
  sourcemap: true,
  clean: true,
});
