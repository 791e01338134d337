// The source files that contain the table of status codes. Each file is plain data, so that a bundler can drop what is
// not used. Generating them keeps them consistent.

import { readFileSync } from 'node:fs';
import { URL, fileURLToPath } from 'node:url';

/**
 * @typedef {object} Row
 * @property {string} code
 * @property {string} name
 * @property {string[]} olderNames
 * @property {string} phrase
 * @property {string} reference
 * @property {string} description
 */

/** @param {string} path from this package's folder */
export const locate = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));

/** @type {Row[]} */
const table = readFileSync(locate('scripts/table.txt'), 'utf8')
  .split('\n')
  .filter((line) => /^\d/.test(line))
  .map((line) => {
    const [code = '', names = '', phrase = '', reference = '', description = ''] = line.split(' | ');
    const [name = '', ...olderNames] = names.split(' ');
    return { code, name, olderNames, phrase, reference, description };
  });

const NOTICE =
  '// Written by scripts/generate.js from scripts/table.txt: change the table, then run the script.\n\n';

/** Quotes as Prettier does. @param {string} text */
const literal = (text) => (text.includes("'") ? `"${text}"` : `'${text}'`);

/** The lines of an object literal. @param {(row: Row) => string[]} entries of each row */
const lines = (entries) =>
  table
    .flatMap(entries)
    .map((entry) => `  ${entry},\n`)
    .join('');

const constants = table
  .map(({ code, name, olderNames, phrase, reference }) => {
    const older = olderNames.map(
      (alias) => `/** The older name of {@link ${name}}. */\nexport const ${alias} = ${code};\n`,
    );
    return `/** ${phrase}: ${reference}. */\nexport const ${name} = ${code};\n${older.join('')}`;
  })
  .join('');

const httpStatus = `/** Every name, including the older ones, and its code. */
export const HTTPStatus = /* @__PURE__ */ Object.freeze({
${lines(({ code, name, olderNames }) => [name, ...olderNames].map((each) => `${each}: ${code}`))}} as const);

/** A code that has a name. */
export type HTTPStatus = (typeof HTTPStatus)[keyof typeof HTTPStatus];
`;

const responses = `import type { CodeTable } from './code-table.js';

const phrases = {
${lines(({ code, phrase }) => [`${code}: ${literal(phrase)}`])}} as const;

/** The reason phrase of each code: \`responses[404]\` is \`'Not Found'\`. */
export const responses: typeof phrases & CodeTable = /* @__PURE__ */ Object.freeze(phrases);
`;

/**
 * A file with one text per code.
 *
 * @param {string} doc
 * @param {string} name
 * @param {(row: Row) => string} text
 */
const texts = (doc, name, text) => `import type { CodeTable } from './code-table.js';

/** ${doc} */
export const ${name}: CodeTable = /* @__PURE__ */ Object.freeze({
${lines((row) => [`${row.code}: ${literal(text(row))}`])}});
`;

/** The generated files, by path from this package's folder. @type {Record<string, string>} */
export const files = {
  'src/constants.ts': NOTICE + constants,
  'src/http-status.ts': NOTICE + httpStatus,
  'src/responses.ts': NOTICE + responses,
  'src/descriptions.ts':
    NOTICE + texts('What each code means, in one line.', 'descriptions', (row) => row.description),
  'src/references.ts':
    NOTICE +
    texts(
      "Where each code is defined: `references[404]` is `'RFC 9110, Section 15.5.5'`.",
      'references',
      (row) => row.reference,
    ),
};
