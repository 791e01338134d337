// The documentation site: npm run docs. It is built from the docstrings of the packages' exports, their READMEs, and
// the guides and tables in docs/.

import { LAYERS } from './layers.js';
import { headings, pages } from './scripts/site-pages.js';

/** In reading order. */
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
  // One compilation for all packages, so that a name imported from another package links to its page.
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
  // A clone without a remote has no address for links to sources.
  disableSources: true,
  excludeInternal: true,
  searchInDocuments: true,
  navigation: { includeGroups: true },
  groupOrder: ['Guides', 'Modules', 'In full', 'The project', '*'],
  sort: ['kind', 'instance-first', 'alphabetical-ignoring-documents'],
  // The READMEs, or their pages, have titles already.
  headings: { readme: false },
  highlightLanguages: ['typescript', 'javascript', 'python', 'sh', 'http', 'json', 'text'],
  ignoredHighlightLanguages: ['mermaid'],
  // Type checking is a step of the gate by itself.
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
