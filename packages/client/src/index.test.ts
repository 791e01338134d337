import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { buildSync } from 'esbuild';
import ts from 'typescript';
import { describe, expect, test } from 'vitest';

import { LAYERS } from '../../../layers.js';

const PACKAGES = fileURLToPath(new URL('../..', import.meta.url));
const sourceOf = (name: string): string => `${PACKAGES}${name}/src/index.ts`;

/** The packages that this one combines: every existing layer below it. */
const PARTS = LAYERS.slice(0, LAYERS.indexOf('client')).filter((name) => existsSync(sourceOf(name)));
const ALIAS = Object.fromEntries(
  [...PARTS, 'client'].map((name) => [`@http-client/${name}`, sourceOf(name)]),
);

describe('every name of every layer', () => {
  const program = ts.createProgram([...PARTS, 'client'].map(sourceOf), {
    module: ts.ModuleKind.NodeNext,
    lib: ['lib.es2023.d.ts', 'lib.esnext.disposable.d.ts'],
    types: ['node'],
    noEmit: true,
    paths: Object.fromEntries(Object.entries(ALIAS).map(([name, file]) => [name, [file]])),
  });
  const checker = program.getTypeChecker();

  /** What a package exports, including types: each name with the one place where it is declared. */
  function exportsOf(name: string): Map<string, ts.Symbol> {
    const file = program.getSourceFile(sourceOf(name))!;
    const symbols = checker.getExportsOfModule(checker.getSymbolAtLocation(file)!);
    return new Map(
      symbols.map((symbol) => [
        symbol.name,
        symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol,
      ]),
    );
  }

  const all = exportsOf('client');

  test.each(PARTS)('%s: each name is here, and is the same', (name) => {
    const exported = exportsOf(name);
    expect(exported.size).toBeGreaterThan(0);
    const missing = [...exported].filter(([each, symbol]) => all.get(each) !== symbol).map(([each]) => each);
    expect(missing).toEqual([]);
  });

  test('nothing else is exported', () => {
    const known = new Set(PARTS.flatMap((name) => [...exportsOf(name).keys()]));
    expect([...all.keys()].filter((each) => !known.has(each))).toEqual([]);
  });

  test('at run time too', async () => {
    const client: Record<string, unknown> = await import('./index.js');
    const parts = await Promise.all(
      PARTS.map((name) => import(`@http-client/${name}`) as Promise<Record<string, unknown>>),
    );
    expect({ ...client }).toEqual(Object.assign({}, ...parts));
  });
});

describe('a bundle', () => {
  /** The minified bundle of a program: its text, and the files that contribute to it. */
  function bundle(program: string): { text: string; files: string[] } {
    const { outputFiles, metafile } = buildSync({
      stdin: { contents: program, resolveDir: PACKAGES, loader: 'ts' },
      alias: ALIAS,
      bundle: true,
      minify: true,
      write: false,
      metafile: true,
      format: 'esm',
      platform: 'node',
      target: 'es2022',
    });
    const parts = Object.values(metafile.outputs).flatMap(({ inputs }) => Object.entries(inputs));
    const files = parts.filter(([, { bytesInOutput }]) => bytesInOutput > 0).map(([file]) => file);
    return { text: outputFiles[0]!.text, files: files.sort() };
  }

  test('of NOT_FOUND is its number', () => {
    const { text } = bundle("import { NOT_FOUND } from '@http-client/client'; console.log(NOT_FOUND);");
    expect(text).toBe('console.log(404);\n');
  });

  test.each([
    ['status', 'responses'],
    ['errors', 'IncompleteRead'],
    ['io', 'ByteReader'],
    ['headers', 'HTTPMessage'],
    ['headers', 'parseHeaders'],
    ['body', 'ChunkedDecoder'],
    ['connection', 'connectTCP'],
    ['connection', 'HTTPConnection'],
  ])('costs no more than that of the package itself, %s: %s', (part, name) => {
    const ours = bundle(`export { ${name} } from '@http-client/client';`);
    const theirs = bundle(`export { ${name} } from '@http-client/${part}';`);
    expect(ours.files).toEqual(theirs.files);
    // The files come in another order, and so do the names that the minifier assigns: some are a letter longer.
    expect(Math.abs(ours.text.length - theirs.text.length)).toBeLessThan(theirs.text.length / 1000 + 1);
  });

  test('of nothing is empty', () => {
    expect(bundle("import * as client from '@http-client/client';").text).toBe('');
  });
});
