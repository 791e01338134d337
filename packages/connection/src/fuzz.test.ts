import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { cases, type Case } from './testdata/fuzz-cases.js';
import { check } from './testdata/fuzz-check.js';
import { main } from './testdata/fuzz-command.js';
import { judge } from './testdata/fuzz-oracle.js';
import { fuzz } from './testdata/fuzz-run.js';

/** Any seed will do. The long runs are `npm run fuzz`, each with its own seed. */
const SEED = 9112;

test('generated responses give the expected results, however they are split and read', async () => {
  expect(await fuzz(400, SEED, check)).toBeUndefined();
});

describe('the generated cases', () => {
  const sample = fc.sample(cases, { seed: SEED, numRuns: 10_000 });
  const judgements = sample.map(({ answer }) => judge(answer));
  const share = (of: (one: Case, at: number) => boolean): number => sample.filter(of).length / sample.length;

  test.each([
    ...['BadStatusLine', 'UnknownProtocol', 'RemoteDisconnected', 'IncompleteRead', 'InvalidHeader'],
    ...['UnknownTransferEncoding', 'LineTooLong', 'TooManyHeaders', 'HTTPException', 'Error'],
  ])('no head, but %s', (name) => {
    const fails = ({ verdict: { head, ending } }: (typeof judgements)[0]): boolean =>
      head === undefined && typeof ending === 'object' && ending.name === name;
    expect(judgements.some(fails)).toBe(true);
  });

  test.each(['InvalidChunk', 'IncompleteRead', 'InvalidHeader'])('a body that ends in %s', (name) => {
    const fails = ({ verdict: { head, ending } }: (typeof judgements)[0]): boolean =>
      head !== undefined && typeof ending === 'object' && ending.name === name;
    expect(judgements.some(fails)).toBe(true);
  });

  test('enough that are valid, broken, truncated, folded, switched, and followed by more', () => {
    const each = (of: (judgement: (typeof judgements)[0]) => boolean): number =>
      share((_one, at) => of(judgements[at]!));
    expect(each(({ verdict }) => verdict.ending === 'complete')).toBeGreaterThan(0.25);
    expect(each(({ verdict }) => verdict.reusable)).toBeGreaterThan(0.05);
    expect(each(({ verdict }) => typeof verdict.ending === 'object')).toBeGreaterThan(0.25);
    expect(each(({ verdict }) => verdict.ending === 'waiting')).toBeGreaterThan(0.03);
    expect(each(({ verdict }) => (verdict.trailers?.length ?? 0) > 0)).toBeGreaterThan(0.01);
    expect(each(({ verdict }) => (verdict.head?.interim.length ?? 0) > 0)).toBeGreaterThan(0.02);
    expect(each(({ verdict }) => verdict.violations.length > 0)).toBeGreaterThan(0.05);
    expect(each(({ excess }) => excess !== '')).toBeGreaterThan(0.05);
    expect(each(({ switched }) => switched)).toBeGreaterThan(0.01);
  });

  test('every rule is violated by a case that tolerates it', () => {
    const broken = new Set(
      sample.filter(({ rule }, at) => judgements[at]!.rules.includes(rule)).map(({ rule }) => rule),
    );
    expect(broken).toEqual(new Set(sample.map(({ rule }) => rule)));
  });
});

describe('a finding', () => {
  const found: Case = {
    answer: { stream: "HTTP/1.1 200 it's\r\n\r\n", end: 'fin', method: 'GET', upgrade: false },
    cuts: [3],
    program: [[['read', null]]],
    rule: 'bare-cr',
  };

  test('is a case with an unexpected result', async () => {
    await expect(check(found)).resolves.toBeUndefined();
    const other = judge({ ...found.answer, stream: 'HTTP/1.1 201 x\r\n\r\n' });
    await expect(check(found, other)).rejects.toThrow(/"status":200.*\n.*"status":201/);
  });

  test('is reduced as far as possible', async () => {
    const finding = await fuzz(1000, SEED, ({ answer }) =>
      /chunked[^]*\n/.test(answer.stream) ? Promise.reject(new Error('chunked')) : Promise.resolve(),
    );
    expect(finding).toMatchObject({
      found: { answer: { stream: 'chunked\n' }, cuts: [], program: [] },
      error: new Error('chunked'),
    });
  });

  test('is reported so that it can be replayed from a shell', async () => {
    const lines: string[] = [];
    const args = ['--runs', '1000', '--seed', '7'];
    const code = await main(
      args,
      (line) => lines.push(line),
      ({ answer }) =>
        answer.stream.includes('\n') ? Promise.reject(new Error('a line')) : Promise.resolve(),
    );
    expect(code).toBe(1);
    expect(lines[0]).toBe('1000 cases, seed 7');
    const replay = /^again: npm run fuzz -- --replay '([^']*)'$/m.exec(lines.join('\n'))?.[1] ?? '';
    expect((JSON.parse(replay) as Case).answer.stream).toBe('\n');
    const seen: Case[] = [];
    const again = (one: Case): Promise<void> => {
      seen.push(one);
      return Promise.resolve();
    };
    expect(await main(['--replay', replay], () => undefined, again)).toBe(0);
    expect(seen).toEqual([JSON.parse(replay)]);
  });

  test('the exit code is 0 without one', async () => {
    expect(await main(['--runs', '3', '--seed', '1'], () => undefined)).toBe(0);
  });

  test.each([
    ['fuzz: Cannot use "x" as --runs: expected a whole number', '--runs', 'x'],
    ['fuzz: Cannot use "-1" as --seed: expected a whole number', '--seed=-1'],
    ['fuzz: Cannot use "1.5" as --seed: expected a whole number', '--seed', '1.5'],
    ["fuzz: Expected property name or '}' in JSON", '--replay', '{answer'],
    ["fuzz: Unknown option '--nope'", '--nope'],
  ])('%s', async (message, ...args) => {
    const lines: string[] = [];
    expect(await main(args, (line) => lines.push(line))).toBe(2);
    expect(lines).toEqual([expect.stringContaining(message)]);
  });
});
