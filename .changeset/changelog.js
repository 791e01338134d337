// How a changeset becomes an entry of a package's CHANGELOG.md: its text as it is, without hashes of commits, and one
// line for the packages of this workspace that the release goes with.

/** @type {import('@changesets/types').ChangelogFunctions} */
const changelog = {
  async getReleaseLine({ summary }) {
    const [first = '', ...rest] = summary.trim().split('\n');
    return [`- ${first}`, ...rest.map((line) => (line === '' ? '' : `  ${line}`))].join('\n');
  },
  async getDependencyReleaseLine(_changesets, dependencies) {
    if (dependencies.length === 0) return '';
    const names = dependencies.map(({ name, newVersion }) => `\`${name}\` ${newVersion}`);
    return `- Needs ${names.join(', ')}.`;
  },
};

export default changelog;
