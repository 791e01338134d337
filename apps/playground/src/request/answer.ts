import type { HTTPResponse } from '@http-client/client';

import type { Io } from '../io.js';
import { fieldLines, palette, statusLine } from '../print.js';
import { NAME } from '../version.js';
import type { RequestOptions } from './options.js';
import { violationLines } from './violations.js';

/** Prints the head of a response: to standard output, or to standard error if the former is for the body alone. */
export async function printHead(response: HTTPResponse, options: RequestOptions, io: Io): Promise<void> {
  const { output, verbose = false, wire = false } = options;
  if (output !== '-') await io.stdout.write(headText(response, options, io.stdout.terminal !== undefined));
  // With these options it is on standard error already.
  else if (!verbose && !wire) await io.stderr.write(headText(response, options, false));
}

/** Reports tolerated violations, if an option tolerates some or observes the exchange. */
export async function reportViolations(
  response: HTTPResponse,
  options: RequestOptions,
  io: Io,
): Promise<void> {
  const { lenient = false, tolerate = [], verbose = false, wire = false, showCredentials = false } = options;
  if (!lenient && !verbose && !wire && tolerate.length === 0) return;
  const lines = violationLines(response, showCredentials);
  if (lines.length > 0) await io.stderr.write(lines.map((line) => `${NAME}: ${line}\n`).join(''));
}

/** The status line, the fields if they are wanted, and the empty line. */
function headText(response: HTTPResponse, options: RequestOptions, terminal: boolean): string {
  const { version, status, reason, headers, informational } = response;
  const { include = false, showCredentials = false } = options;
  if (!include) return `${statusLine(version, status, reason)}\n\n`;
  const colors = palette(terminal);
  return [...informational, { status, reason, headers }]
    .map((head) =>
      [
        statusLine(version, head.status, head.reason),
        ...fieldLines(head.headers, colors, showCredentials),
        '',
        '',
      ].join('\n'),
    )
    .join('');
}
