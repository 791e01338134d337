// How a changeset becomes an entry in a package's CHANGELOG.md: its text unchanged, without commit hashes, and one line
// for the workspace packages whose new versions the release needs.

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
