import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { LAYERS } from '../../layers.js';
import { REQUIRED } from '../support/programs.js';
import { allPrograms, printsOf, programsIn, type Program } from './programs.js';
import { python, Workbench } from './run-programs.js';

test('a program is a fenced block of TypeScript or Python that is not marked as a fragment', () => {
  const markdown = [
    '# Title',
    '```ts',
    'first();',
    '',
    'second();',
    '```',
    '```ts fragment',
    'left out',
    '```',
    '```sh',
    'npm test',
    '```',
    '````md',
    '```ts',
    'within another',
    '```',
    '````',
    '~~~typescript',
    'third();',
    '~~~',
    '```python',
    'fourth()',
    '```',
  ];
  expect(programsIn('README.md', markdown.join('\n'))).toEqual([
    { file: 'README.md', line: 3, language: 'ts', code: 'first();\n\nsecond();\n' },
    { file: 'README.md', line: 19, language: 'ts', code: 'third();\n' },
    { file: 'README.md', line: 22, language: 'python', code: 'fourth()\n' },
  ]);
});

test('the expected output is in the comments after printing statements', () => {
  const code = [
    "console.log('a'); // a",
    "  console.log('b', f(1)) // b 2",
    "print('c')  # c # d",
    'print(d)',
    "const x = 'y'; // z",
  ];
  const program: Program = { file: 'README.md', line: 1, language: 'ts', code: code.join('\n') };
  expect(printsOf(program)).toEqual(['a', 'b 2', 'c # d']);
});

describe('a program that is wrong', () => {
  const codes = {
    'in its types': "const text: string = 1;\nconsole.log('ran', text);",
    'in an import': "import { nothing } from '@http-client/status';\nnothing();",
    'by an exception': "console.log('before');\nthrow new Error('planted');",
    'by a rejection': "Promise.reject(new Error('planted'));",
    'by its exit code': 'process.exit(3);',
    'in what it says that it prints': "console.log('one'); // one\nconsole.log('two'); // three",
  };
  const programs = Object.values(codes).map((code, index) => ({
    file: 'planted/README.md',
    line: 10 * (index + 1),
    language: 'ts' as const,
    code: `${code}\nexport {};\n`,
  }));
  let bench: Workbench;
  beforeAll(() => {
    bench = new Workbench(programs);
  });
  afterAll(() => {
    bench.remove();
  });

  test.each([
    ['in its types', ["line 10: Type 'number' is not assignable to type 'string'."], undefined],
    [
      'in an import',
      [`line 20: Module '"@http-client/status"' has no exported member 'nothing'.`],
      "does not provide an export named 'nothing'",
    ],
    ['by an exception', [], /exit code 1\nbefore\n(.|\n)*README\.md-30\.mts:31\n(.|\n)*Error: planted/],
    ['by a rejection', [], /exit code 1\n(.|\n)*Error: planted/],
    ['by its exit code', [], 'the program ended with exit code 3'],
    ['in what it says that it prints', [], 'the program did not print "three"\none\ntwo'],
  ])('%s', async (name, diagnostics, failure) => {
    const program = programs[Object.keys(codes).indexOf(name)]!;
    expect(bench.diagnostics(program)).toEqual(diagnostics);
    const result = await bench.run(program);
    if (failure === undefined) expect(result).toBeUndefined();
    else expect(result).toMatch(failure);
  });
});

describe('the programs of the documents', () => {
  const programs = allPrograms();
  let bench: Workbench;
  beforeAll(() => {
    bench = new Workbench(programs);
  });
  afterAll(() => {
    bench.remove();
  });

  test.each(LAYERS)('the README of %s has one', (name) => {
    expect(programs.map(({ file }) => file)).toContain(`packages/${name}/README.md`);
  });

  const named = programs.map((program) => [`${program.file}:${program.line}`, program] as const);

  test.each(named.filter(([, { language }]) => language === 'ts'))('%s', async (where, program) => {
    const said = bench.diagnostics(program);
    expect(said, `${where} does not compile:\n${said.join('\n')}`).toEqual([]);
    const failure = await bench.run(program);
    expect(failure, `${where}: ${failure ?? ''}`).toBeUndefined();
  });

  const inPython = named.filter(([, { language }]) => language === 'python');
  test.skipIf(python === undefined && !REQUIRED).each(inPython)('%s, in Python', async (where, program) => {
    const failure = await bench.run(program);
    expect(failure, `${where}: ${failure ?? ''}`).toBeUndefined();
  });
});
