import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

import { buildSync } from 'esbuild';
import { describe, expect, test } from 'vitest';

const resolveDir = fileURLToPath(new URL('.', import.meta.url));

/** The minified bundle of an ES module that imports from this package. */
function bundle(program: string): string {
  const { outputFiles } = buildSync({
    stdin: { contents: program, resolveDir, loader: 'ts' },
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
  });
  return outputFiles[0]!.text;
}

describe('a bundle', () => {
  test('of one constant is its number', () => {
    const text = bundle("import { NOT_FOUND } from './index.js'; console.log(NOT_FOUND);");
    expect(text).toBe('console.log(404);\n');
  });

  test('of responses contains the phrases and nothing else', () => {
    const text = bundle("import { responses } from './index.js'; console.log(responses);");
    expect(text).toContain('404:"Not Found"');
    expect(text).not.toMatch(/NOT_FOUND|RFC/);
    expect(text.length).toBeLessThanOrEqual(2200);
    expect(gzipSync(text).length).toBeLessThanOrEqual(1100);
  });

  test.each([
    ['HTTPStatus', /RFC|Not Found/],
    ['descriptions', /RFC 9110|NOT_FOUND|Not Found/],
    ['references', /NOT_FOUND|Not Found/],
    ['isServerError', /\{\d|RFC|NOT_FOUND|Not Found/],
  ])('of %s contains nothing else', (name, others) => {
    const text = bundle(`export { ${name} } from './index.js';`);
    expect(text).toContain(name);
    expect(text).not.toMatch(others);
  });

  test('of nothing is empty', () => {
    expect(bundle("import * as status from './index.js';")).toBe('');
  });
});
