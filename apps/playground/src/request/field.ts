import { quote, validateHeaderName, validateHeaderValue } from '@http-client/client';

import { HIDDEN, isSecret } from '../credentials.js';
import { Failure } from '../failure.js';

/**
 * Parses `name: value`. The value may be empty, and loses the whitespace around it.
 *
 * @throws Failure if it is not a field that can be sent.
 */
export function parseField(text: string): [name: string, value: string] {
  const colon = text.indexOf(':');
  if (colon < 0) {
    throw new Failure(
      `Cannot use ${quote(text)} as a header field: it has no colon; a good one looks like 'accept: */*'`,
    );
  }
  const name = text.slice(0, colon);
  const value = text.slice(colon + 1).replace(/^[ \t]+|[ \t]+$/g, '');
  try {
    validateHeaderName(name);
    validateHeaderValue(name, value);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    const message = isSecret(name) ? error.message.replace(quote(value), HIDDEN) : error.message;
    throw new Failure(message, { cause: error });
  }
  return [name, value];
}
