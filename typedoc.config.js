// The documentation site: npm run docs. It is made from the docstrings of what the packages export, from their
// READMEs, and from the guides and tables in docs/.

import { LAYERS } from './layers.js';
import { headings, pages } from './scripts/site-pages.js';

/** In the order in which they are to be read. */
const guides = [
  'getting-started',
  'coming-from-python',
  'choosing-packages',
  'step-by-step',
  'streaming',
  'tunnels-and-tls',
  'errors',
  'strictness',
  'testing',
  'own-transport',
  'design',
];

const packages = LAYERS.map((name) => `packages/${name}`);

/** @type {Partial<import('typedoc').TypeDocOptions>} */
export default {
  name: 'http-client',
  plugin: [pages],
  markdownItLoader: headings,
  // One program for all packages: a name that one of them takes from another leads to the page of the other.
  tsconfig: 'tsconfig.json',
  entryPoints: [...packages.map((path) => `${path}/src/index.ts`), 'packages/connection/src/testing.ts'],
  sortEntryPoints: false,
  projectDocuments: [
    ...guides.map((name) => `docs/guides/${name}.md`),
    'docs/*.md',
    'examples/README.md',
    'ARCHITECTURE.md',
    'CONTRIBUTING.md',
    'SECURITY.md',
  ],
  readme: 'README.md',
  customCss: 'docs/site.css',
  out: 'site',
  hideGenerator: true,
  // A clone without a remote has no address that a source could be linked to.
  disableSources: true,
  excludeInternal: true,
  searchInDocuments: true,
  navigation: { includeGroups: true },
  groupOrder: ['Guides', 'Modules', 'In full', 'The project', '*'],
  sort: ['kind', 'instance-first', 'alphabetical-ignoring-documents'],
  // The READMEs have their titles themselves, or their page has.
  headings: { readme: false },
  highlightLanguages: ['typescript', 'javascript', 'python', 'sh', 'http', 'json', 'text'],
  ignoredHighlightLanguages: ['mermaid'],
  // The type checker has its own place in the gate.
  skipErrorChecking: true,
  treatWarningsAsErrors: true,
  packagesRequiringDocumentation: LAYERS.map((name) => `@http-client/${name}`),
  validation: {
    notExported: true,
    invalidLink: true,
    invalidPath: true,
    rewrittenLink: true,
    notDocumented: true,
    unusedMergeModuleWith: true,
  },
};
