import { existsSync, readFileSync, writeFileSync } from 'node:fs';

import { parseArguments, refuse } from './arguments.js';

/**
 * The main function of a script that writes one section of a document: `[--check] [file]`. The section is between two
 * lines that name it and the script. With `--check` nothing is written, and a stale section is an error.
 *
 * @param {{
 *   name: string;
 *   script: string;
 *   source: string;
 *   file: string;
 *   text: string | Promise<string>;
 * }} section its name, the script's path, what it is generated from, the document if none is given, and the text
 */
export async function updateSection({ name, script, source, file: usual, text }) {
  const { values, positionals } = parseArguments({
    options: { check: { type: 'boolean', default: false } },
    allowPositionals: true,
  });
  const [file = usual, ...further] = positionals;
  if (further.length > 0) refuse(`Unexpected argument '${further[0]}': one file at a time`);
  const first = `<!-- ${name}: written by ${script} -->`;
  const last = `<!-- end of the ${name} -->`;
  if (!existsSync(file)) refuse(`Cannot place the ${name} in "${file}": there is no such file`);
  const before = readFileSync(file, 'utf8');
  const begin = before.indexOf(first);
  const end = before.indexOf(last);
  if (begin < 0 || end < begin) {
    fail(`Cannot place the ${name} in ${file}: it has no lines\n  ${first}\n  ${last}`);
    return;
  }
  const after = `${before.slice(0, begin + first.length)}\n\n${await text}\n\n${before.slice(end)}`;
  if (!values.check) writeFileSync(file, after);
  else if (after !== before) {
    fail(`The ${name} in ${file} is stale: it differs from ${source} (run node ${script})`);
  }
}

/** @param {string} message */
function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exitCode = 1;
}
