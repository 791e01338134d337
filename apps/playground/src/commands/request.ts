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

Standard output receives the status line, an empty line and the body: raw in a pipe, escaped on a terminal.
Credentials (in Authorization, Proxy-Authorization, Cookie, Set-Cookie and URLs) are shown as [hidden].
The exit code is 0 for any complete response, 22 for an error status with --fail, and 1 without a complete response.
`;

export function requestCommand(program: Command, io: Io): void {
  program
    .command('request')
    .description('send one request and print the response')
    .argument('[method]', 'GET, HEAD, POST or any other, case-sensitive; by default GET, or POST with a body')
    .argument('[url]', 'an http:// or https:// URL')
    .usage('[options] [method] <url>')
    .optionsGroup('What is sent:')
    .option('-X, --request <method>', 'the method, instead of the argument')
    .option('-H, --header <name:value>', 'a header field to send; may be repeated', collectFields)
    .option('-u, --user <name:password>', 'send these as Basic authentication', parseUser)
    .option('-d, --data <data>', 'the body: text (sent as UTF-8), @FILE, or @- for standard input', takeData)
    .addOption(
      new Option('--form <name=value>', 'a form field, with the form as the body; may be repeated')
        .argParser(addFormField)
        .conflicts('data'),
    )
    .addOption(
      new Option(
        '--json <json>',
        'a JSON body: text, @FILE, @-, or a member of an object, name=text or name:=json; members may be repeated',
      )
        .argParser(addJson)
        .conflicts(['data', 'form']),
    )
    .option('--chunked', 'send the body in chunks, even if its length is known')
    .option('--expect-continue', 'wait up to 1 s for 100 (Continue) before sending the body')
    .optionsGroup('Handling the response:')
    .option('-i, --include', 'print the header fields and the interim responses too')
    .option(
      '-o, --output <file>',
      'write the body to a file, created only once complete; - for standard output',
      parseOutput,
    )
    .option('--fail', 'exit with 22 if the status is 400 or above; then -o writes nothing')
    .option(
      '--tolerate <rule>',
      'accept responses that break this rule, and report it; may be repeated',
      collectRules,
    )
    .addOption(
      new Option('--lenient', 'read the response as leniently as Python does, and report it').conflicts(
        'tolerate',
      ),
    )
    .option('--timeout <ms>', 'milliseconds that each wait may take; no limit by default', parseTimeout)
    .optionsGroup('Connecting:')
    .option(
      '--proxy <url>',
      'use a tunnel through this proxy, http:// or https://user:password@host:port (percent-encoded)',
      parseProxy,
    )
    .option('--ca <file>', "trust the authorities in this file (PEM) instead of the platform's")
    .option('--cert <file>', 'the client certificate (PEM)')
    .option('--key <file>', 'the key of that certificate (PEM), if it is not in the same file')
    .option('--insecure', 'do not verify the certificate of the server, or its name')
    .option('--proxy-ca <file>', 'like --ca, for TLS to an https:// proxy itself')
    .option('--proxy-cert <file>', 'like --cert')
    .option('--proxy-key <file>', 'like --key')
    .option('--proxy-insecure', 'like --insecure, for the proxy, which receives the password')
    .optionsGroup('Observing:')
    .option('-v, --verbose', 'print the heads of request and response to standard error')
    .option('--wire', 'print every byte that is sent and received, labelled, to standard error')
    .option('--har <file>', 'write the exchange and its timings to an HTTP Archive (HAR 1.2)', parseArchive)
    .option(
      '--debug',
      'print what is sent and received to standard output (with -o - to standard error), as debugLevel does',
    )
    .option('--show-credentials', 'show credentials instead of [hidden] in what is printed and archived')
    .optionsGroup('Help:')
    .addHelpText('after', EXAMPLES)
    .action(async (first: string | undefined, second: string | undefined, options: Options) => {
      const { method, url } = targetOf(first, second, options.request);
      if (method !== undefined) await warnOfCase(method, io);
      await runRequest(method, url, options, io);
    });
}

interface Options extends RequestOptions {
  readonly request?: string;
}

const isURL = (text: string): boolean => text.includes('://');

/**
 * Tells which argument is the method and which the URL. Both are optional for commander, which would only say that some
 * argument is missing.
 *
 * @param option the method that `--request` names.
 */
function targetOf(
  first: string | undefined,
  second: string | undefined,
  option: string | undefined,
): { method?: string; url: string } {
  if (first === undefined) throw new Failure(`Cannot send a request: a URL is missing; ${GOOD_URL}`);
  if (second !== undefined && isURL(first) && isURL(second))
    throw new Failure('Cannot send to more than one URL: name one at a time');
  if ((second ?? first) === '*') {
    throw new Failure(
      `Cannot use "*" as a URL: it names no server; conn.request('OPTIONS', '*') in ${NAME} repl sends OPTIONS *`,
    );
  }
  if (option !== undefined) {
    if (second === undefined) return { method: option, url: first };
    throw new Failure(
      `Cannot use both ${quote(first)} and --request ${quote(option)}: a request has one method`,
    );
  }
  if (second === undefined) {
    if (!/^[A-Z]+$/.test(first) && !METHODS.includes(first.toUpperCase())) return { url: first };
    throw new Failure(`Cannot send ${quote(first)}: a URL is missing after it; ${GOOD_URL}`);
  }
  if (isURL(first)) {
    throw new Failure(
      `Cannot use ${quote(first)} as a method: it is a URL, which comes second: ${second} ${first}`,
    );
  }
  return { method: first, url: second };
}

async function warnOfCase(method: string, io: Io): Promise<void> {
  const upper = method.toUpperCase();
  if (upper === method || !METHODS.includes(upper)) return;
  await io.stderr.write(`${NAME}: methods are case-sensitive: ${method} is sent as it is, not as ${upper}\n`);
}

/** Refuses a name that could only fail after the request was sent. */
function parseOutput(path: string): string {
  if (path !== '') return path;
  throw new Failure('Cannot write to a file without a name: --output takes FILE, or - for standard output');
}

function parseArchive(path: string): string {
  if (path === '') throw new Failure('Cannot write to a file without a name: --har takes FILE');
  if (path !== '-') return path;
  throw new Failure(
    'Cannot write the archive to standard output: --har needs a file (a file of this name is ./-)',
  );
}

/** curl joins several. To send only the last would lose what was typed. */
function takeData(text: string, before?: string): string {
  if (before === undefined) return text;
  throw new Failure('Cannot use --data again: a request has one body; --form name=value may be repeated');
}

function collectFields(text: string, fields: readonly [string, string][] = []): [string, string][] {
  return [...fields, parseField(text)];
}

/** Makes the value of Authorization. An error repeats nothing of the text, any part of which may be the password. */
function parseUser(text: string): string {
  const refuse = (why: string): Failure =>
    new Failure(`Cannot use the value of --user: ${why}; a good one looks like name:password`);
  const colon = text.indexOf(':');
  if (colon < 0) throw refuse('it has no colon');
  return basic(text.slice(0, colon), text.slice(colon + 1), refuse);
}

function collectRules(text: string, rules: readonly Tolerance[] = []): Tolerance[] {
  const rule = TOLERANCES.find((each) => each === text);
  if (rule !== undefined) return [...rules, rule];
  throw new Failure(
    `Cannot tolerate ${quote(text)}: there is no such rule; the rules are ${TOLERANCES.join(', ')}`,
  );
}

function parseTimeout(text: string): number {
  const timeout = Number(text);
  if (/^\d+$/.test(text) && timeout >= 1 && timeout <= Number.MAX_SAFE_INTEGER) return timeout;
  throw new Failure(
    `Cannot use ${quote(text)} as a timeout: expected a whole number of milliseconds, at least 1`,
  );
}
