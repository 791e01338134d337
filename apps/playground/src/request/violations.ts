import { quote, type HTTPResponse } from '@http-client/client';

import { hideInMessage } from '../credentials.js';
import { oneLine } from '../print.js';

/** More than anybody reads; a body of broken chunks may have one for each. */
const MOST = 20;

/** What was let pass in an answer, a line for each, as far as the answer has been read. */
export function violationLines(response: HTTPResponse, showCredentials: boolean): string[] {
  const { violations, headers, trailers } = response;
  const all = [
    ...violations.map(({ rule, offset, detail }) => `tolerated ${rule} at byte ${offset}: ${detail}`),
    // What leniency passes over is kept with the fields themselves.
    ...[headers, trailers].flatMap((fields) =>
      (fields?.defects ?? []).map(({ detail, line }) => `tolerated a field line: ${detail}: ${quote(line)}`),
    ),
  ];
  const lines = all.slice(0, MOST).map((line) => oneLine(showCredentials ? line : withoutCredentials(line)));
  return all.length > MOST ? [...lines, `tolerated ${all.length - MOST} more`] : lines;
}

/** A folded line may go on with a credential, and does not say so. */
function withoutCredentials(line: string): string {
  return hideInMessage(line.replace(/: "(?: |\\t).*$/s, ''));
}
