import type { Listening } from '../listen.js';
import type { Palette } from '../print.js';
import { NAME, VERSION } from '../version.js';
import { HISTORY_VARIABLE } from './history.js';

/** The text before the first prompt. */
export function banner({ host, port }: Pick<Listening, 'host' | 'port'>, colors: Palette): string {
  return [
    `${colors.bold(`${NAME} ${VERSION}`)} on Node ${process.version}: all of @http-client/client is in scope, and await works.`,
    `A test server listens at host = ${colors.green(`'${host}'`)}, port = ${colors.green(String(port))}. .help shows more.`,
    '',
  ].join('\n');
}

/** The text of `.help`. `commands` are those of the prompt, with what they do. */
export function help(
  { host, port }: Pick<Listening, 'host' | 'port'>,
  commands: readonly (readonly [name: string, what: string])[],
): string {
  return `A request, step by step; await returns the value of a promise:

  const conn = new HTTPConnection(host, port)
  await conn.request('GET', '/')
  const response = await conn.getResponse()
  response.status
  await response.text()
  conn.close()

In scope are all names of @http-client/client: HTTPConnection, HTTPSConnection, responses, NOT_FOUND, parseHeaders…
A name that const or let declares at the beginning of a line may be declared again.

The server at ${host}:${port} has a page for GET and HEAD at /, accepts a form POSTed there, stores what is
PUT to /file, and reports on uploads POSTed to /upload and on its connections at /connection.

  conn.setDebugLevel(1)                         print what is sent and received
  new HTTPConnection(host, port, { onWire: ({ direction, part, data }) =>
    console.log(direction, part, decodeLatin1(data)) })         every byte, labelled

The keys are those of Node's prompt: Tab completes, the arrows bring lines back, Ctrl-R searches them, Ctrl-C
interrupts what is awaited, Ctrl-D exits. Lines are kept in the file that ${HISTORY_VARIABLE} names. If it is empty, none are.

${commands.map(([name, what]) => `  .${name.padEnd(9)}${what}\n`).join('')}`;
}
