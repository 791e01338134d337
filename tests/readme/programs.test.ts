import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { allPrograms, programsIn, readmes } from './programs.js';
import { Workbench } from './run-programs.js';

test('a program is a fenced ts block that is not called a fragment', () => {
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
  ];
  expect(programsIn('README.md', markdown.join('\n'))).toEqual([
    { readme: 'README.md', line: 3, code: 'first();\n\nsecond();\n' },
    { readme: 'README.md', line: 19, code: 'third();\n' },
  ]);
});

describe('a program that is wrong', () => {
  const codes = {
    'in its types': "const text: string = 1;\nconsole.log('ran', text);",
    'in an import': "import { nothing } from '@http-client/status';\nnothing();",
    'by an exception': "console.log('before');\nthrow new Error('planted');",
    'by a rejection': "Promise.reject(new Error('planted'));",
    'by its exit code': 'process.exit(3);',
  };
  const programs = Object.values(codes).map((code, index) => ({
    readme: 'planted/README.md',
    line: 10 * (index + 1),
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
  ])('%s', async (name, diagnostics, failure) => {
    const program = programs[Object.keys(codes).indexOf(name)]!;
    expect(bench.diagnostics(program)).toEqual(diagnostics);
    const result = await bench.run(program);
    if (failure === undefined) expect(result).toBeUndefined();
    else expect(result).toMatch(failure);
  });
});

describe('the programs of the READMEs', () => {
  const programs = allPrograms();
  let bench: Workbench;
  beforeAll(() => {
    bench = new Workbench(programs);
  });
  afterAll(() => {
    bench.remove();
  });

  test.each(readmes().filter((path) => path.startsWith('packages/')))('%s has one', (readme) => {
    expect(programs.map((program) => program.readme)).toContain(readme);
  });

  test.each(programs.map((program) => [`${program.readme}:${program.line}`, program] as const))(
    '%s',
    async (where, program) => {
      const said = bench.diagnostics(program);
      expect(said, `${where} does not compile:\n${said.join('\n')}`).toEqual([]);
      const failure = await bench.run(program);
      expect(failure, `${where}: ${failure ?? ''}`).toBeUndefined();
    },
  );
});
