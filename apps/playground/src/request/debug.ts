import { HIDDEN, hideUserinfo } from '../credentials.js';
import type { Output } from '../io.js';

/** A field with a credential in what `debugLevel` prints: on a line of its own, or within a quoted head. */
const SECRET = /(^header: |'|\\n)((?:proxy-)?authorization|(?:set-)?cookie)(: ?)(?:[^\\']|\\(?![rn])[^])*/gi;

/**
 * Takes over what `debugLevel` prints with `console.log`, to take the credentials out of it; gives the way back.
 */
export function filterDebug(stdout: Output): () => void {
  const { log } = console;
  console.log = (line: string) => {
    // A reader that has gone is noticed where the answer is written.
    stdout.write(`${withoutCredentials(line)}\n`).catch(() => undefined);
  };
  return () => {
    console.log = log;
  };
}

function withoutCredentials(line: string): string {
  return hideUserinfo(line.replace(SECRET, `$1$2$3${HIDDEN}`));
}
