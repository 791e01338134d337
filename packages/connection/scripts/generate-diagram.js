// Draws the state diagram of ARCHITECTURE.md from the table in src/state.ts, which is the only place that decides.
//
//     node packages/connection/scripts/generate-diagram.js [--check] [file]

import { URL, fileURLToPath } from 'node:url';

import { build } from 'esbuild';

import { updateSection } from '../../../scripts/generated-section.js';

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

await updateSection({
  name: 'state diagram',
  script: 'packages/connection/scripts/generate-diagram.js',
  source: 'packages/connection/src/state.ts',
  file: locate('../../ARCHITECTURE.md'),
  text: loadTransitions().then(diagramOf),
});
