import { LAYERS, PURE, SOCKETS, UNSHIPPED } from './layers.js';

// The comment of a rule completes the message `<file> imports <module>: …`.

const any = (/** @type {readonly string[]} */ names) => `(${names.join('|')})`;

/** @type {import('dependency-cruiser').IForbiddenRuleType[]} */
const upward = LAYERS.slice(0, -1).map((name, index) => ({
  name: `upward-from-${name}`,
  comment: `${name} may import only what is below it (${LAYERS.slice(0, index).join(', ') || 'nothing'})`,
  severity: 'error',
  from: { path: `^packages/${name}/` },
  to: { path: `^packages/${any(LAYERS.slice(index + 1))}/` },
}));

/** @type {import('dependency-cruiser').IForbiddenRuleType[]} */
const sockets = Object.entries(SOCKETS).map(([name, file]) => ({
  name: `node-${name}`,
  comment: `node:${name} is for ${file} alone`,
  severity: 'error',
  from: { path: '^packages/', pathNot: [UNSHIPPED.source, `^${file}$`] },
  to: { path: `^(node:)?${name}$`, dependencyTypes: ['core'] },
}));

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    ...upward,
    ...sockets,
    {
      name: 'cycle',
      comment: 'the two import each other, directly or by a detour (types alone may)',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'relative-into-package',
      comment: 'another package is imported by its name',
      severity: 'error',
      from: { path: '^((?:packages|apps)/[^/]+)/' },
      to: { path: '^(packages|apps)/', pathNot: '^$1/', dependencyTypesNot: ['aliased'] },
    },
    {
      name: 'node-in-pure',
      comment: `${PURE.join(', ')} run in browsers and workers, and import nothing of Node's`,
      severity: 'error',
      from: { path: `^packages/${any(PURE)}/src/`, pathNot: UNSHIPPED.source },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'outside-workspace',
      comment: 'a package depends on nothing outside this workspace at run time',
      severity: 'error',
      from: { path: '^packages/', pathNot: UNSHIPPED.source },
      to: { path: 'node_modules/' },
    },
    {
      name: 'unresolvable',
      comment: 'there is no such module',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    // Type imports count: they couple packages just as much.
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules|/dist/' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'types', 'node', 'default'],
    },
  },
};
