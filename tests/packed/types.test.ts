import { copyFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

import ts from 'typescript';
import { describe, expect, inject, test } from 'vitest';

import { oldestCompiler } from '../../scripts/installed-runtimes.js';
import { ROOT } from '../../scripts/workspaces.js';
import { RUNTIMES_REQUIRED } from '../support/programs.js';
import { entriesOf } from './project.js';

const project = inject('project');
const load = createRequire(import.meta.url);

type Compiler = typeof ts;

/** The parsed files, shared by all compilations: most are the compiler's own libraries and Node's types. */
const parsed = new Map<string, ts.SourceFile | undefined>();

/** The workspace's: Node's types are not what is tested. */
const TYPES = join(ROOT, 'node_modules/@types');

/** The compiler's messages about the consumers, and about all declarations of the packages that they import. */
function faultsOf(compiler: Compiler, files: readonly string[], options: ts.CompilerOptions): string[] {
  const all: ts.CompilerOptions = {
    target: compiler.ScriptTarget.ES2022,
    strict: true,
    noEmit: true,
    skipLibCheck: false,
    typeRoots: [TYPES],
    ...options,
  };
  const host = compiler.createCompilerHost(all);
  const read = host.getSourceFile.bind(host);
  host.getSourceFile = (file, version, ...rest) => {
    const key = `${compiler.version} ${file} ${JSON.stringify(version)}`;
    if (!parsed.has(key)) parsed.set(key, read(file, version, ...rest));
    return parsed.get(key);
  };
  const program = compiler.createProgram(
    files.map((file) => join(project, file)),
    all,
    host,
  );
  const diagnostics = [...program.getOptionsDiagnostics(), ...program.getGlobalDiagnostics()];
  for (const file of program.getSourceFiles()) {
    // Checking the compiler's own libraries and Node's types would take most of the time, and is not what is tested.
    if (program.isSourceFileDefaultLibrary(file) || file.fileName.startsWith(TYPES)) continue;
    diagnostics.push(...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file));
  }
  return diagnostics.map(({ file, start = 0, messageText }) => {
    const line = file === undefined ? 0 : file.getLineAndCharacterOfPosition(start).line + 1;
    return `${file?.fileName ?? ''}:${line} ${compiler.flattenDiagnosticMessageText(messageText, '\n')}`;
  });
}

const consumer = (name: string, extension: string): string => {
  const file = `${name}.${extension}`;
  copyFileSync(join(import.meta.dirname, `consumers/${name}.ts`), join(project, file));
  return file;
};

const resolutions = [
  [
    'node16',
    { module: ts.ModuleKind.Node16, moduleResolution: ts.ModuleResolutionKind.Node16 },
    ['mts', 'cts'],
  ],
  [
    'nodenext',
    {
      module: ts.ModuleKind.NodeNext,
      moduleResolution: ts.ModuleResolutionKind.NodeNext,
      exactOptionalPropertyTypes: true,
      verbatimModuleSyntax: false,
    },
    ['mts', 'cts'],
  ],
  ['bundler', { module: ts.ModuleKind.ESNext, moduleResolution: ts.ModuleResolutionKind.Bundler }, ['ts']],
] as const;

const DOM = ['lib.dom.d.ts', 'lib.dom.iterable.d.ts', 'lib.dom.asynciterable.d.ts'];

const oldest = oldestCompiler();

const compilers = [
  { name: `TypeScript ${ts.version}`, compiler: () => ts, there: true },
  {
    // The name of a skipped test says why it was skipped.
    name:
      oldest.version === undefined
        ? `${oldest.name}, which is not installed`
        : `TypeScript ${oldest.version}`,
    compiler: () => load(dirname(dirname(oldest.path))) as Compiler,
    there: oldest.version !== undefined || RUNTIMES_REQUIRED,
  },
];

describe.each(compilers)('$name', ({ compiler, there }) => {
  describe.runIf(there).each(resolutions)('moduleResolution %s', (_name, resolution, extensions) => {
    describe.each([
      ['neither Node’s types nor the DOM’s', [], []],
      ['Node’s types', ['node'], []],
      ['the DOM’s types', [], DOM],
      ['both Node’s types and the DOM’s', ['node'], DOM],
    ])('with %s', (_types, types, dom) => {
      const options = { ...resolution, types, lib: ['lib.es2022.d.ts', ...dom] };

      test.each(extensions)('the packages that need no platform, from a .%s', (extension) => {
        const files = ['pure', ...(types.length + dom.length > 0 ? ['web'] : [])];
        expect(
          faultsOf(
            compiler(),
            files.map((file) => consumer(file, extension)),
            options,
          ),
        ).toEqual([]);
      });

      // The packages with sockets refer to Node's types; without these the compiler must name what is missing.
      test.each(extensions)('those with sockets, from a .%s', (extension) => {
        const faults = faultsOf(compiler(), [consumer('sockets', extension)], options);
        if (types.length > 0) expect(faults).toEqual([]);
        else expect(faults).toContainEqual(expect.stringMatching(/\bnode:(net|tls)\b/));
      });
    });
  });
});

// Otherwise a program that imports it compiles, and cannot be loaded. A bundled declaration of a class that is exported
// as a type says that the class itself is.
test('every value that the declarations export is there', async () => {
  const entries = inject('packed').flatMap(({ name }) => entriesOf(project, name));
  const files = entries.map((entry, index) => {
    const file = join(project, `values-${index}.mts`);
    writeFileSync(file, `import * as all from '${entry}';\nall;\n`);
    return file;
  });
  const [, resolution] = resolutions[0];
  const program = ts.createProgram(files, { ...resolution, typeRoots: [TYPES], types: ['node'] });
  const checker = program.getTypeChecker();
  for (const [index, entry] of entries.entries()) {
    const all = program.getSourceFile(files[index]!)?.statements[1] as ts.ExpressionStatement;
    const declared = checker.getTypeAtLocation(all.expression).getProperties();
    const exported = Object.keys((await import(entry)) as object);
    expect(declared, entry).not.toEqual([]);
    // What the packages export for one another is declared nowhere.
    expect(exported, entry).toEqual(expect.arrayContaining(declared.map(({ name }) => name)));
  }
});

test('an error in a declaration is found', () => {
  writeFileSync(join(project, 'wrong.d.mts'), 'export declare function wrong(response: Nowhere): void;\n');
  writeFileSync(join(project, 'wrong-user.mts'), "import { wrong } from './wrong.mjs';\nwrong(1);\n");
  const [, resolution] = resolutions[0];
  const faults = faultsOf(ts, ['wrong-user.mts'], { ...resolution, types: [], lib: ['lib.es2022.d.ts'] });
  expect(faults).toEqual([expect.stringMatching(/wrong\.d\.mts:1 Cannot find name 'Nowhere'/)]);
});
