import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { ROOT } from '../../scripts/workspaces.js';
import { MESSAGES } from './messages.js';
import { PEERS } from './peers.js';

/** One test for each row of SECURITY.md: an attack, and the required outcome. */
const ATTACKS = { ...MESSAGES, ...PEERS };

/** Whether a source has a test, or a group or a table of tests, of exactly this title. */
function hasTitle(source: string, title: string): boolean {
  const text = source.replaceAll(/\(\s+/g, '(');
  return ["'", '"', '`'].some((quote) => {
    const quoted = `${quote}${title}${quote}`;
    return text.includes(`(${quoted}`) || text.includes(`${quoted}:`);
  });
}

test.each(Object.entries(ATTACKS))('%s', async (_attack, run) => {
  expect.hasAssertions();
  await run();
});

const rows = readFileSync(join(ROOT, 'SECURITY.md'), 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('| '))
  .map((line) =>
    line
      .slice(2, -1)
      .split(' | ')
      .map((cell) => cell.trim()),
  )
  .filter(([first]) => first !== 'attack' && first?.startsWith('---') === false);

test('SECURITY.md has exactly these rows', () => {
  expect(rows.map(([attack]) => attack)).toEqual(Object.keys(ATTACKS));
});

test.each(rows)('the tests that SECURITY.md names exist: %s', (_attack, _outcome, proof = '') => {
  const named = proof
    .split('; ')
    .map((each) => /^\[[\w-]+\]\(([\w/.-]+\.test\.ts)\): ((?:`[^`]+`(?:, )?)+)$/.exec(each));
  for (const [index, match] of named.entries()) {
    expect(match, `${proof.split('; ')[index]}: expected [name](file): \`title\`, \`title\``).not.toBeNull();
    const [, file = '', titles = ''] = match!;
    expect(existsSync(join(ROOT, file)), file).toBe(true);
    const source = readFileSync(join(ROOT, file), 'utf8');
    const missing = [...titles.matchAll(/`([^`]+)`/g)].filter(([, title = '']) => !hasTitle(source, title));
    expect(missing, file).toEqual([]);
  }
});
