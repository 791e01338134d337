// Draws the state diagram of ARCHITECTURE.md from the table in src/state.ts, which is the only place that decides.
//
//     node packages/connection/scripts/generate-diagram.js [--check] [file]

import { readFileSync, writeFileSync } from 'node:fs';
import process from 'node:process';
import { URL, fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { build } from 'esbuild';

const BEGIN = '<!-- state diagram: written by packages/connection/scripts/generate-diagram.js -->';
const END = '<!-- end of the state diagram -->';

/** @typedef {Record<string, Record<string, string>>} Transitions from a state, by an event, to a state */

/** @param {string} path from this package's folder */
const locate = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));

/** The table as it stands in the source. @returns {Promise<Transitions>} */
async function loadTransitions() {
  const { outputFiles } = await build({
    entryPoints: [locate('src/state.ts')],
    // The sources, so that nothing needs to be built before.
    alias: { '@http-client/errors': locate('../errors/src/index.ts') },
    bundle: true,
    write: false,
    format: 'esm',
    logLevel: 'silent',
  });
  const module = `data:text/javascript,${encodeURIComponent(outputFiles[0].text)}`;
  return (await import(module)).TRANSITIONS;
}

/** Mermaid takes a hyphen for part of an arrow. @param {string} state */
const idOf = (state) => state.replaceAll('-', '_');

/** An event that leads from every state to the same one is said once, in a note. @param {Transitions} table */
function everywhere(table) {
  const [first, ...others] = Object.values(table);
  return Object.entries(first).filter(([event, to]) => others.every((row) => row[event] === to));
}

/** @param {Transitions} table */
function diagramOf(table) {
  const common = everywhere(table);
  const lines = ['stateDiagram-v2'];
  for (const state of Object.keys(table)) lines.push(`state "${state}" as ${idOf(state)}`);
  lines.push(`[*] --> ${idOf(Object.keys(table)[0])}`);
  for (const [from, row] of Object.entries(table)) {
    /** @type {Map<string, string[]>} */
    const events = new Map();
    for (const [event, to] of Object.entries(row)) {
      if (common.some(([name]) => name === event)) continue;
      events.set(to, [...(events.get(to) ?? []), event]);
    }
    for (const [to, names] of events) lines.push(`${idOf(from)} --> ${idOf(to)}: ${names.join(', ')}`);
  }
  for (const [event, to] of common)
    lines.push(`note right of ${idOf(to)}: ${event} leads here from every state`);
  return ['```mermaid', lines[0], ...lines.slice(1).map((line) => `  ${line}`), '```'].join('\n');
}

/**
 * The document with the diagram between its markers.
 *
 * @param {string} document
 * @param {string} diagram
 */
function place(document, diagram) {
  const begin = document.indexOf(BEGIN);
  const end = document.indexOf(END);
  if (begin < 0 || end < begin) return undefined;
  return `${document.slice(0, begin + BEGIN.length)}\n\n${diagram}\n\n${document.slice(end)}`;
}

const { values, positionals } = parseArgs({
  args: process.argv.slice(2),
  options: { check: { type: 'boolean', default: false } },
  allowPositionals: true,
});
const file = positionals[0] ?? locate('../../ARCHITECTURE.md');
const before = readFileSync(file, 'utf8');
const after = place(before, diagramOf(await loadTransitions()));
if (after === undefined) {
  process.stderr.write(`Cannot place the state diagram in ${file}: it has no lines\n  ${BEGIN}\n  ${END}\n`);
  process.exitCode = 1;
} else if (!values.check) {
  writeFileSync(file, after);
} else if (after !== before) {
  process.stderr.write(
    `The state diagram in ${file} is stale: packages/connection/src/state.ts says otherwise ` +
      '(run node packages/connection/scripts/generate-diagram.js)\n',
  );
  process.exitCode = 1;
}
