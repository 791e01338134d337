import { defineConfig, type Options } from 'tsup';

/** What every package's build has in common; a package names its entries, and its platform where it is not neutral. */
export function library(options: Options = {}): ReturnType<typeof defineConfig> {
  return defineConfig({
    entry: ['src/index.ts'],
    format: ['esm', 'cjs'],
    target: 'es2022',
    platform: 'neutral',
    tsconfig: 'tsconfig.build.json',
    // tsup's declaration build sets baseUrl, which TypeScript 6 refuses unless told to let it pass.
    dts: { compilerOptions: { ignoreDeprecations: '6.0' } },
    // 'node:net' stays 'node:net': bundlers and other runtimes tell built-ins by the prefix.
    removeNodeProtocol: false,
    sourcemap: true,
    clean: true,
    ...options,
  });
}
