import type { WriteStream } from 'node:tty';

import { quote, type HTTPResponse } from '@http-client/client';
import type { Command } from 'commander';

import { Failure } from '../failure.js';
import type { Io, Output } from '../io.js';
import { fieldLines, palette, statusLine } from '../print.js';
import { GOOD_URL, parseAddress, type Address } from '../request/address.js';
import { openData } from '../request/data.js';
import { exchange, type ExchangeOptions } from '../request/exchange.js';
import { parseField } from '../request/field.js';
import { proxyContext, serverContext, type TLSOptions } from '../request/context.js';
import { openOutputFile } from '../request/output-file.js';
import { Progress } from '../request/progress.js';
import { parseProxy, type Proxy } from '../request/proxy.js';
import { rawSink, terminalSink, type BodySink } from '../request/sink.js';

export interface RequestOptions extends TLSOptions {
  readonly header?: readonly [string, string][];
  readonly data?: string;
  readonly include?: boolean;
  readonly output?: string;
  readonly timeout?: number;
  readonly proxy?: Proxy;
  readonly debug?: boolean;
}

/** The methods of RFC 9110, section 9.3, and PATCH (RFC 5789). */
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'CONNECT', 'OPTIONS', 'TRACE', 'PATCH'];

const EXAMPLES = `
Examples:
  http-client request GET http://localhost:8000/
  http-client request POST http://localhost:8000/form -H 'content-type: text/plain' -d 'some text'
  http-client request PUT http://localhost:8000/file -d @photo.jpg
  http-client request GET http://localhost:8000/archive.tar -o archive.tar
  http-client request GET https://localhost:8443/ --ca authority.pem
  http-client request GET https://example.org/ --proxy http://user:password@localhost:3128

Standard output gets the status line, an empty line and the body: raw in a pipe, escaped on a terminal.
`;

export function requestCommand(program: Command, io: Io): void {
  program
    .command('request')
    .description('send one request and print the answer')
    .argument('<method>', 'GET, HEAD, POST, or any other; case counts')
    .argument('[url]', 'an http:// or https:// URL')
    .usage('[options] <method> <url>')
    .option('-H, --header <name:value>', 'a header field to send; may be repeated', collectFields)
    .option('-d, --data <data>', 'the body: text (sent as UTF-8), @FILE, or @- for standard input')
    .option('-i, --include', 'print the header fields too')
    .option(
      '-o, --output <file>',
      'write the body to a file that appears when complete; - for standard output alone',
    )
    .option('--timeout <ms>', 'milliseconds that each wait may take', parseTimeout)
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
    .option('--debug', 'print what is sent and received, as debugLevel does')
    .addHelpText('after', EXAMPLES)
    .action((method: string, url: string | undefined, options: RequestOptions) =>
      runRequest(method, wanted(method, url), options, io),
    );
}

/** The parser would say that an argument is missing, and not which one was taken for the other. */
function wanted(method: string, url: string | undefined): string {
  if (method.includes('://')) {
    throw new Failure(
      `Cannot use ${quote(method)} as a method: it is a URL, which comes second: GET ${method}`,
    );
  }
  if (url === undefined)
    throw new Failure(`Cannot send ${quote(method)}: a URL is missing behind it; ${GOOD_URL}`);
  return url;
}

/** Sends one request, and brings the answer to where it is wanted while it comes. */
export async function runRequest(
  method: string,
  url: string,
  options: RequestOptions,
  io: Io,
): Promise<void> {
  const address = parseAddress(url);
  const contexts = {
    context: serverContext(address, options),
    proxyContext: proxyContext(options.proxy, options),
  };
  if (METHODS.includes(method.toUpperCase()) && !METHODS.includes(method)) {
    await io.stderr.write(
      `http-client: the case of a method counts: ${method} is sent as it is, not as ${method.toUpperCase()}\n`,
    );
  }
  const file = isFile(options.output) ? await openOutputFile(options.output) : undefined;
  let sink = file;
  try {
    await send(method, address, contexts, options, io, async (response) => {
      sink ??= standardSink(io.stdout, response);
      await transfer(response, sink, barTerminal(options, io));
    });
    await sink?.end();
    sink = undefined;
  } finally {
    await sink?.abandon();
  }
}

/** Sends the request, prints the head of the answer, and has `take` take the body. */
async function send(
  method: string,
  address: Address,
  contexts: Pick<ExchangeOptions, 'context' | 'proxyContext'>,
  options: RequestOptions,
  io: Io,
  take: (response: HTTPResponse) => Promise<void>,
): Promise<void> {
  const sending = new Progress(barTerminal(options, io), 'sending');
  const data = await openData(options.data, io, (count) => {
    sending.advance(count);
  });
  sending.total = data.size;
  try {
    const { header: headers = [], timeout, debug = false, include = false, output, proxy } = options;
    await exchange(
      address,
      method,
      { headers, body: data.body, timeout, debug, signal: io.signal, proxy, ...contexts },
      async (response) => {
        sending.stop();
        // With the body alone on standard output, what is said about it goes elsewhere.
        await (output === '-' ? io.stderr : io.stdout).write(headOf(response, include, io));
        await take(response);
      },
    );
  } finally {
    sending.stop();
    await data.close();
  }
}

async function transfer(
  response: HTTPResponse,
  sink: BodySink,
  terminal: WriteStream | undefined,
): Promise<void> {
  const progress = new Progress(terminal, 'receiving');
  progress.total = response.length;
  try {
    for await (const block of response) {
      await sink.write(block);
      progress.advance(block.length);
    }
  } finally {
    progress.stop();
  }
}

/** The status line, the fields where they are wanted, and the empty line. */
function headOf(response: HTTPResponse, include: boolean, io: Io): string {
  const { version, status, reason, headers, informational } = response;
  if (!include) return `${statusLine(version, status, reason)}\n\n`;
  const colors = palette(io.stdout.terminal !== undefined);
  return [...informational, { status, reason, headers }]
    .map((head) =>
      [statusLine(version, head.status, head.reason), ...fieldLines(head.headers, colors), '', ''].join('\n'),
    )
    .join('');
}

function standardSink(stdout: Output, { headers }: HTTPResponse): BodySink {
  return stdout.terminal === undefined ? rawSink(stdout) : terminalSink(stdout, headers.getContentCharset());
}

/** The terminal that a bar may be shown on: not where the body, or what debugLevel prints, goes to a terminal as well. */
function barTerminal({ output, debug }: RequestOptions, { stdout, stderr }: Io): WriteStream | undefined {
  const quiet = stdout.terminal === undefined || (isFile(output) && debug !== true);
  return quiet ? stderr.terminal : undefined;
}

function isFile(output: string | undefined): output is string {
  return output !== undefined && output !== '-';
}

function collectFields(text: string, fields: readonly [string, string][] = []): [string, string][] {
  return [...fields, parseField(text)];
}

function parseTimeout(text: string): number {
  const timeout = Number(text);
  if (/^\d+$/.test(text) && timeout >= 1 && timeout <= Number.MAX_SAFE_INTEGER) return timeout;
  throw new Failure(
    `Cannot use ${quote(text)} as a timeout: expected a whole number of milliseconds, 1 at least`,
  );
}
