import { HIDDEN, hideUserinfo, SECRET_FIELDS } from '../credentials.js';
import type { Output } from '../io.js';

/** A field with a credential in what `debugLevel` prints: on its own line, or within a quoted head. */
const SECRET = new RegExp(`(^header: |'|\\\\n)(${SECRET_FIELDS})(: ?)(?:[^\\\\']|\\\\(?![rn])[^])*`, 'gi');

/**
 * Redirects what `debugLevel` prints with `console.log` to an output, without credentials unless they are to be shown.
 *
 * @returns what restores `console.log`.
 */
export function redirectDebug(output: Output, showCredentials: boolean): () => void {
  const { log } = console;
  console.log = (line: string) => {
    const shown = showCredentials ? line : withoutCredentials(line);
    // A closed output is noticed when the response is written.
    output.write(`${shown}\n`).catch(() => undefined);
  };
  return () => {
    console.log = log;
  };
}

function withoutCredentials(line: string): string {
  return hideUserinfo(line.replace(SECRET, `$1$2$3${HIDDEN}`));
}
