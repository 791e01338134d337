import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createContext, runInContext } from 'node:vm';

import { build } from 'esbuild';
import ts from 'typescript';
import { expect, test } from 'vitest';

import { LAYERS, PURE } from '../../layers.js';
import { ROOT } from '../../scripts/workspaces.js';

/** Bundles a program that imports the built packages: its text, and the imports left in it. */
async function bundle(
  code: string,
  format: 'esm' | 'iife' = 'esm',
): Promise<{ text: string; imports: string[] }> {
  const { outputFiles, metafile } = await build({
    stdin: { contents: code, resolveDir: ROOT },
    bundle: true,
    minify: true,
    write: false,
    metafile: true,
    format,
    platform: 'browser',
    target: 'es2022',
    logLevel: 'silent',
    // Otherwise the `paths` of this repository's tsconfig.json would map the packages to their sources.
    tsconfigRaw: {},
  });
  const imports = Object.values(metafile.outputs).flatMap((output) => output.imports.map(({ path }) => path));
  return { text: outputFiles[0]!.text, imports };
}

// The budgets for what a name costs are in size-budgets.json.
test('one status code costs a bundle only its number', async () => {
  const { text } = await bundle("import { NOT_FOUND } from '@http-client/status'; console.log(NOT_FOUND)");
  expect(text.trim()).toMatch(/^(var|let|const) (\w+)=404;console\.log\(\2\);$|^console\.log\(404\);$/);
});

test.each(PURE)('%s runs without Node’s globals and modules', async (name) => {
  const code = `import * as all from '@http-client/${name}'; globalThis.names = Object.keys(all);`;
  const { text, imports } = await bundle(code, 'iife');
  expect(imports).toEqual([]);
  // A context has only what the language defines: no Buffer, no process, and none of a browser's globals.
  const context = createContext({});
  runInContext(text, context);
  expect(context['names']).not.toHaveLength(0);
});

// webpack keeps such a class, and all that it uses, in every bundle that imports anything from its package.
test.each(LAYERS)('%s: no class uses a function that names the class', (name) => {
  const text = readFileSync(join(ROOT, 'packages', name, 'dist/index.js'), 'utf8');
  const uses = new Map<string, Set<string>>();
  const classes: string[] = [];
  for (const statement of ts.createSourceFile('index.js', text, ts.ScriptTarget.ES2022).statements) {
    const declarations = ts.isVariableStatement(statement)
      ? statement.declarationList.declarations
      : ts.isFunctionDeclaration(statement) || ts.isClassDeclaration(statement)
        ? [statement]
        : [];
    for (const declaration of declarations) {
      const declared = (declaration.name as ts.Identifier).text;
      const used = new Set<string>();
      ts.forEachChild(declaration, function add(node): void {
        if (ts.isIdentifier(node) && node !== declaration.name) used.add(node.text);
        // What follows a dot is no name of this file.
        if (ts.isPropertyAccessExpression(node)) add(node.expression);
        else ts.forEachChild(node, add);
      });
      uses.set(declared, used);
      if (
        ts.isClassDeclaration(declaration) ||
        (ts.isVariableDeclaration(declaration) &&
          declaration.initializer?.kind === ts.SyntaxKind.ClassExpression)
      )
        classes.push(declared);
    }
  }
  expect(classes).toHaveLength(text.match(/\bclass (?:\w+ )?(?:extends \S+ )?\{/g)?.length ?? 0);
  const reached = (from: string): Set<string> => {
    const all = new Set(uses.get(from));
    for (const each of all) for (const next of uses.get(each) ?? []) all.add(next);
    return all;
  };
  expect(classes.filter((each) => reached(each).has(each))).toEqual([]);
});
