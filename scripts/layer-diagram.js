// Draws the layer diagram of ARCHITECTURE.md from layers.js and the dependencies in each package.json.
//
//     node scripts/layer-diagram.js [--check] [file]

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { LAYERS, PURE } from '../layers.js';
import { updateSection } from './generated-section.js';
import { ROOT, workspaces } from './workspaces.js';

/** The workspace packages that each package, each app and the examples import: by short name, lowest layer first. */
const imports = new Map(
  workspaces(ROOT)
    .map((folder) => {
      const { name, dependencies = {} } = JSON.parse(
        readFileSync(join(ROOT, folder, 'package.json'), 'utf8'),
      );
      const below = Object.keys(dependencies).filter((each) => each.startsWith('@http-client/'));
      return /** @type {[string, string[]]} */ ([shortOf(name), below.map(shortOf)]);
    })
    .sort(([one], [other]) => rankOf(one) - rankOf(other) || one.localeCompare(other)),
);

/** @param {string} name */
function shortOf(name) {
  return name.replace('@http-client/', '');
}

/** A package's layer; what is in no layer is above them all. @param {string} name */
function rankOf(name) {
  const rank = LAYERS.indexOf(name);
  return rank < 0 ? LAYERS.length : rank;
}

/** The direct and indirect dependencies of a package. @param {string} name @returns {Set<string>} */
function reachedFrom(name) {
  const direct = imports.get(name) ?? [];
  return new Set([...direct, ...direct.flatMap((below) => [...reachedFrom(below)])]);
}

/** The arrows from a package, without those implied by a longer path. @param {string} name */
function arrowsFrom(name) {
  const direct = imports.get(name) ?? [];
  return direct
    .filter((to) => !direct.some((between) => between !== to && reachedFrom(between).has(to)))
    .sort((one, other) => rankOf(one) - rankOf(other))
    .map((to) => `${name} --> ${to}`);
}

/** A package without dependencies is drawn as a node. @param {string} name */
const linesOf = (name) => (arrowsFrom(name).length > 0 ? arrowsFrom(name) : [name]);

const diagram = [
  '```mermaid',
  'flowchart BT',
  `  subgraph pure ["nothing of Node's"]`,
  ...PURE.flatMap(linesOf).map((line) => `    ${line}`),
  '  end',
  ...[...imports.keys()]
    .filter((name) => !PURE.includes(name))
    .flatMap(linesOf)
    .map((line) => `  ${line}`),
  '```',
].join('\n');

await updateSection({
  name: 'layer diagram',
  script: 'scripts/layer-diagram.js',
  source: 'layers.js or a package.json',
  file: join(ROOT, 'ARCHITECTURE.md'),
  text: diagram,
});
