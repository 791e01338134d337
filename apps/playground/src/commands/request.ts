import { quote, TOLERANCES, type Tolerance } from '@http-client/client';
import { Option, type Command } from 'commander';

import { Failure } from '../failure.js';
import type { Io } from '../io.js';
import { GOOD_URL } from '../request/address.js';
import { basic } from '../request/basic.js';
import { parseField } from '../request/field.js';
import { addFormField } from '../request/form.js';
import { addJson } from '../request/json.js';
import type { RequestOptions } from '../request/options.js';
import { parseProxy } from '../request/proxy.js';
import { runRequest } from '../request/run.js';
import { NAME } from '../version.js';

/** The methods of RFC 9110, section 9.3, and PATCH (RFC 5789). */
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'CONNECT', 'OPTIONS', 'TRACE', 'PATCH'];

const EXAMPLES = `
Examples:
  http-client request http://localhost:8000/
  http-client request http://localhost:8000/search --form 'q=what is asked' --form lang=en
  http-client request PUT http://localhost:8000/users/7 --json name=Ada --json age:=36
  http-client request PUT http://localhost:8000/file -d @photo.jpg
  gzip -c big.log | http-client request http://localhost:8000/logs -d @-
  http-client request http://localhost:8000/archive.tar -o archive.tar
  http-client request http://localhost:8000/ --wire
  http-client request http://localhost:8000/ --tolerate bare-lf-in-chunks --tolerate truncated-body
  http-client request https://localhost:8443/ --ca authority.pem --har exchange.har
  http-client request https://example.org/ --proxy http://user:password@localhost:3128

Standard output gets the status line, an empty line and the body: raw in a pipe, escaped on a terminal.
Credentials (in Authorization, Proxy-Authorization, Cookie, Set-Cookie and URLs) are shown as [hidden].
The exit code is 0 for any answer, 22 for an error status with --fail, and 1 where there is no whole answer.
`;

export function requestCommand(program: Command, io: Io): void {
  program
    .command('request')
    .description('send one request and print the answer')
    .argument('[method]', 'GET, HEAD, POST, or any other; case counts. Without it GET, or POST with a body')
    .argument('[url]', 'an http:// or https:// URL')
    .usage('[options] [method] <url>')
    .optionsGroup('What is sent:')
    .option('-H, --header <name:value>', 'a header field to send; may be repeated', collectFields)
    .option('-u, --user <name:password>', 'send these as Basic authentication', parseUser)
    .option('-d, --data <data>', 'the body: text (sent as UTF-8), @FILE, or @- for standard input')
    .addOption(
      new Option('--form <name=value>', 'a field of a form, which is the body; may be repeated')
        .argParser(addFormField)
        .conflicts('data'),
    )
    .addOption(
      new Option(
        '--json <json>',
        'a body of JSON: text, @FILE, @-, or a member of an object, name=text or name:=json; these may be repeated',
      )
        .argParser(addJson)
        .conflicts(['data', 'form']),
    )
    .option('--chunked', 'send the body in chunks, where its length is known, too')
    .option(
      '--expect-continue',
      'send the body when the server says it may come, or has said nothing for 1 s',
    )
    .optionsGroup('What becomes of the answer:')
    .option('-i, --include', 'print the header fields too')
    .option(
      '-o, --output <file>',
      'write the body to a file that appears when complete; - for standard output alone',
    )
    .option('--fail', 'exit with 22 where the status is 400 or above; with -o, write no body then')
    .option('--tolerate <rule>', 'let an answer break this rule, and tell; may be repeated', collectRules)
    .addOption(
      new Option('--lenient', 'read the answer as leniently as Python does, and tell').conflicts('tolerate'),
    )
    .option('--timeout <ms>', 'milliseconds that each wait may take', parseTimeout)
    .optionsGroup('How to get there:')
    .option(
      '--proxy <url>',
      'go through a tunnel of this proxy, http:// or https://user:password@host:port (percent-encoded)',
      parseProxy,
    )
    .option('--ca <file>', 'trust the authorities in this file (PEM), in the place of the usual ones')
    .option('--cert <file>', 'show this certificate (PEM) to the server')
    .option('--key <file>', 'the key of that certificate (PEM), where it is not in the same file')
    .option('--insecure', 'do not check the certificate of the server at all')
    .option('--proxy-ca <file>', 'as --ca, for TLS to an https:// proxy itself')
    .option('--proxy-cert <file>', 'as --cert, shown to the proxy')
    .option('--proxy-key <file>', 'as --key')
    .option('--proxy-insecure', 'do not check the certificate of the proxy, which is told the password')
    .optionsGroup('Looking on:')
    .option('-v, --verbose', 'print the heads of request and answer to standard error')
    .option('--wire', 'print every byte that is sent and received, and what it is, to standard error')
    .option('--har <file>', 'write the exchange and its timings to an HTTP Archive (HAR 1.2)')
    .option('--debug', 'print what is sent and received to standard output, as debugLevel does')
    .option('--show-credentials', 'hide no credentials in what is printed and archived')
    .optionsGroup('Help:')
    .helpOption('-h, --help', 'show this')
    .addHelpText('after', EXAMPLES)
    .action(async (first: string | undefined, second: string | undefined, options: RequestOptions) => {
      const { method, url } = told(first, second);
      if (method !== undefined) await warnOfCase(method, io);
      await runRequest(method, url, options, io);
    });
}

/** Which of one or two arguments is what. The parser would say that one is missing, and not which. */
function told(first: string | undefined, second: string | undefined): { method?: string; url: string } {
  if (first === undefined) throw new Failure(`Cannot send a request: a URL is missing; ${GOOD_URL}`);
  if (second === undefined) {
    if (!/^[A-Z]+$/.test(first)) return { url: first };
    throw new Failure(`Cannot send ${quote(first)}: a URL is missing behind it; ${GOOD_URL}`);
  }
  if (first.includes('://')) {
    const good = second.includes('://') ? 'GET' : second;
    throw new Failure(
      `Cannot use ${quote(first)} as a method: it is a URL, which comes second: ${good} ${first}`,
    );
  }
  return { method: first, url: second };
}

async function warnOfCase(method: string, io: Io): Promise<void> {
  const upper = method.toUpperCase();
  if (upper === method || !METHODS.includes(upper)) return;
  await io.stderr.write(
    `${NAME}: the case of a method counts: ${method} is sent as it is, not as ${upper}\n`,
  );
}

function collectFields(text: string, fields: readonly [string, string][] = []): [string, string][] {
  return [...fields, parseField(text)];
}

/** The value of Authorization. Nothing of it is repeated in an error: wherever the mistake is, a password is near. */
function parseUser(text: string): string {
  const refuse = (why: string): Failure =>
    new Failure(`Cannot use what --user says: ${why}; a good one looks like name:password`);
  const colon = text.indexOf(':');
  if (colon < 0) throw refuse('it has no colon');
  return basic(text.slice(0, colon), text.slice(colon + 1), refuse);
}

function collectRules(text: string, rules: readonly Tolerance[] = []): Tolerance[] {
  const rule = TOLERANCES.find((each) => each === text);
  if (rule !== undefined) return [...rules, rule];
  throw new Failure(
    `Cannot tolerate ${quote(text)}: there is no such rule; there are ${TOLERANCES.join(', ')}`,
  );
}

function parseTimeout(text: string): number {
  const timeout = Number(text);
  if (/^\d+$/.test(text) && timeout >= 1 && timeout <= Number.MAX_SAFE_INTEGER) return timeout;
  throw new Failure(
    `Cannot use ${quote(text)} as a timeout: expected a whole number of milliseconds, 1 at least`,
  );
}
