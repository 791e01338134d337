import { defineConfig, type Options } from 'tsup';

/** The common part of every package's build. A package adds its platform if it is not neutral, and its entries. */
export function library(options: Options = {}): ReturnType<typeof defineConfig> {
  return defineConfig({
    entry: ['src/index.ts'],
    format: ['esm', 'cjs'],
    target: 'es2022',
    platform: 'neutral',
    tsconfig: 'tsconfig.build.json',
    // tsup's declaration build sets baseUrl, which TypeScript 6 rejects without this.
    dts: { compilerOptions: { ignoreDeprecations: '6.0', stripInternal: true } },
    // 'node:net' stays 'node:net': bundlers and other runtimes recognise built-in modules by the prefix.
    removeNodeProtocol: false,
    sourcemap: true,
    clean: true,
    ...options,
  });
}
