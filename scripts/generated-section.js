import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';

/**
 * A script that writes one section of a document: `[--check] [file]`. The section stands between two lines that name it
 * and the script. With `--check` nothing is written, and what is stale is an error.
 *
 * @param {{
 *   name: string;
 *   script: string;
 *   source: string;
 *   file: string;
 *   text: string | Promise<string>;
 * }} section its name, the script's path and that of what it is made from, the document where none is named, and the text
 */
export async function updateSection({ name, script, source, file: usual, text }) {
  const { values, positionals } = parseArgs({
    args: process.argv.slice(2),
    options: { check: { type: 'boolean', default: false } },
    allowPositionals: true,
  });
  const file = positionals[0] ?? usual;
  const first = `<!-- ${name}: written by ${script} -->`;
  const last = `<!-- end of the ${name} -->`;
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
    fail(`The ${name} in ${file} is stale: ${source} says otherwise (run node ${script})`);
  }
}

/** @param {string} message */
function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exitCode = 1;
}
