import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { expect, test } from 'vitest';

import { temporaryFolder } from '../../../tests/support/folders.js';
import { TRANSITIONS } from './state.js';

const SCRIPT = fileURLToPath(new URL('../scripts/generate-diagram.js', import.meta.url));

function generate(...args: string[]): { status: number | null; said: string } {
  const { status, stderr } = spawnSync(process.execPath, [SCRIPT, ...args], { encoding: 'utf8' });
  return { status, said: stderr };
}

/** A document in a temporary folder, removed when the test ends. */
const document = (text: string): string => join(temporaryFolder({ 'document.md': text }), 'document.md');

const EMPTY = `before

<!-- state diagram: written by packages/connection/scripts/generate-diagram.js -->
<!-- end of the state diagram -->

after
`;

test('ARCHITECTURE.md shows the current table', () => {
  expect(generate('--check')).toEqual({ status: 0, said: '' });
});

test('every transition of the table is drawn, and nothing else', () => {
  const file = document(EMPTY);
  expect(generate(file)).toEqual({ status: 0, said: '' });
  const drawn = readFileSync(file, 'utf8');

  const names = new Map<string, string>();
  for (const [, name = '', id = ''] of drawn.matchAll(/state "(.+)" as (\w+)/g)) names.set(id, name);
  const seen = new Set<string>();
  const note = (from = '', events = '', to = ''): void => {
    for (const event of events.split(', ')) seen.add(`${names.get(from)} ${event} ${names.get(to)}`);
  };
  for (const [, from, to, events] of drawn.matchAll(/(\w+) --> (\w+): (.+)/g)) note(from, events, to);
  for (const [, to, event] of drawn.matchAll(/note right of (\w+): (\w+) leads here from every state/g)) {
    for (const from of names.keys()) note(from, event, to);
  }

  const there = Object.entries(TRANSITIONS).flatMap(([from, row]) =>
    Object.entries(row).map(([event, to]) => `${from} ${event} ${to}`),
  );
  expect([...seen].sort()).toEqual(there.sort());
});

test('the text around the diagram is left unchanged', () => {
  const file = document(EMPTY);
  generate(file);
  const first = readFileSync(file, 'utf8');
  expect(first).toMatch(/^before\n\n<!--[^]*```mermaid\n[^]*```\n\n<!--.*-->\n\nafter\n$/);
  generate(file);
  expect(readFileSync(file, 'utf8')).toBe(first);
});

test.each([
  ['a stale diagram', EMPTY, 'is stale'],
  ['a document without the markers', 'before\n', 'it has no lines'],
])('the check finds %s', (_name, text, message) => {
  const file = document(text);
  const { status, said } = generate('--check', file);
  expect(status).toBe(1);
  expect(said).toContain(message);
  expect(said).toContain('generate-diagram.js');
  expect(readFileSync(file, 'utf8')).toBe(text);
});
