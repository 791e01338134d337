import { basename } from 'node:path';
import { argv } from 'node:process';
import { parseArgs } from 'node:util';

/**
 * The command line of a script. A mistake in it ends the script with one line on standard error and exit code 1.
 *
 * @template {import('node:util').ParseArgsConfig} Config
 * @param {Config} config
 * @returns {ReturnType<typeof parseArgs<Config>>}
 */
export function parseArguments(config) {
  try {
    return parseArgs(config);
  } catch (error) {
    return refuse(error instanceof Error ? error.message : String(error));
  }
}

/**
 * Ends the script with exit code 1 if a name on its command line is unknown: a mistyped name must not select nothing.
 *
 * @param {string} what
 * @param {readonly string[]} given
 * @param {readonly string[]} known
 */
export function refuseUnknown(what, given, known) {
  for (const name of given) {
    if (!known.includes(name)) refuse(`there is no ${what} "${name}" (${known.join(', ')})`);
  }
}

/**
 * Ends the script with one line on standard error and exit code 1.
 *
 * @param {string} message
 * @returns {never}
 */
export function refuse(message) {
  process.stderr.write(`${basename(argv[1] ?? '', '.js')}: ${message}\n`);
  process.exit(1);
}
