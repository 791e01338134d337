import type { Origin } from '../origin.js';
import type { Palette } from '../print.js';
import { NAME, VERSION } from '../version.js';
import { HISTORY_VARIABLE } from './history.js';

/** What is said before the first prompt. */
export function banner({ host, port }: Pick<Origin, 'host' | 'port'>, colors: Palette): string {
  return [
    `${colors.bold(`${NAME} ${VERSION}`)} on Node ${process.version}: all of @http-client/client is in scope, and await works.`,
    `A server of Node's own listens at host = ${colors.green(`'${host}'`)}, port = ${colors.green(String(port))}. .help says more.`,
    '',
  ].join('\n');
}

/** What `.help` says. `commands` are the prompt's own, each with what it does. */
export function help(
  { host, port }: Pick<Origin, 'host' | 'port'>,
  commands: readonly (readonly [name: string, what: string])[],
): string {
  return `A request, step by step; await gives what a promise holds:

  const conn = new HTTPConnection(host, port)
  await conn.request('GET', '/')
  const response = await conn.getResponse()
  response.status
  await response.text()
  conn.close()

In scope is every name of @http-client/client: HTTPConnection, HTTPSConnection, responses, NOT_FOUND, parseHeaders…
A name that was declared may be declared again.

The server at ${host}:${port} has a page for GET and HEAD of /, takes a form that is POSTed there, keeps what
is PUT to /file, tells about uploads POSTed to /upload and about its connections at /connection.

  conn.setDebugLevel(1)                         print what is sent and received
  new HTTPConnection(host, port, { onWire: ({ direction, part, data }) =>
    console.log(direction, part, decodeLatin1(data)) })         every byte, and what it is

The keys are those of Node's prompt: Tab completes, the arrows bring lines back, Ctrl-R searches them, Ctrl-C ends
what is awaited, Ctrl-D leaves. Lines are kept in a file, which ${HISTORY_VARIABLE} names; empty, they are not.

${commands.map(([name, what]) => `  .${name.padEnd(9)}${what}\n`).join('')}`;
}
