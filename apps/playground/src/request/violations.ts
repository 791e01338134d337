import { quote, type HTTPResponse } from '@http-client/client';

import { hideInMessage } from '../credentials.js';
import { oneLine } from '../print.js';

/** The most lines to print: a body may have a violation in each of its chunks. */
const MOST = 20;

/** The violations that were tolerated in a response, as far as it has been read, with one line for each. */
export function violationLines(response: HTTPResponse, showCredentials: boolean): string[] {
  const { violations, headers, trailers } = response;
  const all = [
    ...violations.map(({ rule, offset, detail }) => `tolerated ${rule} at byte ${offset}: ${detail}`),
    // What lenient parsing skips is recorded with the fields.
    ...[headers, trailers].flatMap((fields) =>
      (fields?.defects ?? []).map(({ detail, line }) => `tolerated a field line: ${detail}: ${quote(line)}`),
    ),
  ];
  const lines = all.slice(0, MOST).map((line) => oneLine(showCredentials ? line : withoutCredentials(line)));
  return all.length > MOST ? [...lines, `tolerated ${all.length - MOST} more`] : lines;
}

/** A folded line may continue a credential, without a field name to tell. */
function withoutCredentials(line: string): string {
  return hideInMessage(line.replace(/: "(?: |\\t).*$/s, ''));
}
