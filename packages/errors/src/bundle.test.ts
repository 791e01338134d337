import { fileURLToPath } from 'node:url';

import { buildSync } from 'esbuild';
import { describe, expect, test } from 'vitest';

const resolveDir = fileURLToPath(new URL('.', import.meta.url));

/** The minified bundle that exports these names of the package. */
function bundle(names: string): string {
  const { outputFiles } = buildSync({
    stdin: { contents: `export ${names} from './index.js';`, resolveDir, loader: 'ts' },
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    target: 'es2022',
  });
  return outputFiles[0]!.text;
}

const classes = [...bundle('*').matchAll(/\(\(\)=>this,"(\w+)"/g)].map((match) => match[1]!);

describe('a bundle', () => {
  test('of everything contains every class; all classes together are small', () => {
    expect(classes).toHaveLength(19);
    expect(bundle(`{ ${classes.join(', ')} }`).length).toBeLessThan(2600);
  });

  test.each(
    classes.map((name) => [
      name,
      [
        'HTTPException',
        ...(/^(CannotSend|ResponseNotReady)/.test(name) ? ['ImproperConnectionState'] : []),
        ...(name === 'RemoteDisconnected' ? ['BadStatusLine'] : []),
        ...(name === 'HTTPException' ? [] : [name]),
      ],
    ]),
  )('of %s contains only it and its ancestors', (name, expected) => {
    const text = bundle(`{ ${name} }`);
    expect(classes.filter((other) => text.includes(`"${other}"`)).sort()).toEqual(expected.sort());
    expect(text).not.toContain('\\p{');
  });

  test('of quote contains no class', () => {
    expect(bundle('{ quote }')).not.toContain('class');
  });

  test('of nothing is empty', () => {
    expect(bundle('{}')).toBe('');
  });
});
