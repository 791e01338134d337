// Draws the state diagram of ARCHITECTURE.md from the table in src/state.ts, the only place that defines transitions.
//
//     node packages/connection/scripts/generate-diagram.js [--check] [file]

import { URL, fileURLToPath } from 'node:url';

import { build } from 'esbuild';

import { updateSection } from '../../../scripts/generated-section.js';

/** @typedef {Record<string, Record<string, string>>} Transitions the next state, by state and event */

/** @param {string} path from this package's folder */
const locate = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));

/** The table, as it is in the source. @returns {Promise<Transitions>} */
async function loadTransitions() {
  const { outputFiles } = await build({
    entryPoints: [locate('src/state.ts')],
    // The sources, so that nothing needs to be built first.
    alias: { '@http-client/errors': locate('../errors/src/index.ts') },
    bundle: true,
    write: false,
    format: 'esm',
    logLevel: 'silent',
  });
  const module = `data:text/javascript,${encodeURIComponent(outputFiles[0]?.text ?? '')}`;
  return (await import(module)).TRANSITIONS;
}

/** A state's name without hyphens, which Mermaid would take for part of an arrow. @param {string} state */
const idOf = (state) => state.replaceAll('-', '_');

/** The events that lead from every state to the same one: each is drawn once, as a note. @param {Transitions} table */
function everywhere(table) {
  const [first = {}, ...others] = Object.values(table);
  return Object.entries(first).filter(([event, to]) => others.every((row) => row[event] === to));
}

/** @param {Transitions} table */
function diagramOf(table) {
  const common = everywhere(table);
  const states = Object.keys(table);
  const lines = states.map((state) => `state "${state}" as ${idOf(state)}`);
  lines.push(`[*] --> ${idOf(states[0] ?? '')}`);
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
  return ['```mermaid', 'stateDiagram-v2', ...lines.map((line) => `  ${line}`), '```'].join('\n');
}

await updateSection({
  name: 'state diagram',
  script: 'packages/connection/scripts/generate-diagram.js',
  source: 'packages/connection/src/state.ts',
  file: locate('../../ARCHITECTURE.md'),
  text: loadTransitions().then(diagramOf),
});
