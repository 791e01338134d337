// Checks whether servers are well: all at the same time, and nothing is shared between the checks.
//
//     node examples/dist/health.js http://a.example/health https://b.example/health --within 5000
//
// Each check has a connection of its own, so that it also shows whether one can be opened; a bound on each wait, and one
// on all of it, so that a server that trickles cannot keep it for ever; and none waits for another. The exit code is 1
// where one of them is not well.

import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { HTTPConnection, HTTPSConnection, isSuccess, quote } from '@http-client/client';

/** Bytes of a body that are read, and then it is left: a check is not a download. */
const ENOUGH = 65_536;

export interface Health {
  readonly url: string;
  readonly well: boolean;
  /** What it said, or what went wrong: one line. */
  readonly said: string;
  readonly milliseconds: number;
}

/** Checks one server; never rejects. `within` is for all of it, in milliseconds. */
export async function check(url: URL, within: number, signal?: AbortSignal): Promise<Health> {
  const begin = performance.now();
  // Two reasons to give up, and each of them ends whatever is under way.
  const deadline = AbortSignal.timeout(within);
  const ending = signal === undefined ? deadline : AbortSignal.any([deadline, signal]);
  const Connection = url.protocol === 'https:' ? HTTPSConnection : HTTPConnection;
  const connection = new Connection(url.host, undefined, { timeout: within });
  const end = (): void => {
    connection.close();
  };
  ending.addEventListener('abort', end);
  const result = (well: boolean, said: string): Health => ({
    url: url.href,
    well,
    said,
    milliseconds: Math.round(performance.now() - begin),
  });
  try {
    ending.throwIfAborted();
    await connection.request('GET', `${url.pathname}${url.search}`, {
      // The server need not wait for a next request, and no balancer takes it for a customer.
      headers: { Connection: 'close', 'User-Agent': 'health-check' },
    });
    const response = await connection.getResponse();
    // A head alone does not show that the server can send: a body that breaks off is an error here.
    await response.read(ENOUGH);
    return result(isSuccess(response.status), `${response.status} ${quote(response.reason)}`);
  } catch (error) {
    if (deadline.aborted) return result(false, `not done within ${within} ms`);
    return result(false, messageOf(error));
  } finally {
    ending.removeEventListener('abort', end);
    connection.close();
  }
}

/** Connecting to a name with several addresses fails with all their errors in one, which says nothing itself. */
function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') return error.errors.map(messageOf).join('; ');
  return error instanceof Error ? error.message : String(error);
}

/** The URL that was given on the command line, if it is one that is spoken here. */
function urlOf(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return url;
  throw new TypeError(`Cannot use ${quote(text)} as a URL: expected http://HOST/ or https://HOST/`);
}

async function main(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: { within: { type: 'string', default: '5000' } },
    allowPositionals: true,
  });
  const within = Number(values.within);
  if (positionals.length === 0 || !Number.isSafeInteger(within) || within < 1) {
    console.error('usage: health URL... [--within MILLISECONDS]');
    return 2;
  }
  const urls = positionals.map(urlOf);
  const checks = urls.map(async (address) => {
    const { url, well, said, milliseconds } = await check(address, within);
    // As soon as it is known: the slow ones do not hold up the news of the others.
    console.log(`${well ? 'well    ' : 'NOT WELL'} ${url} ${milliseconds} ms: ${said}`);
    return well;
  });
  return (await Promise.all(checks)).every((well) => well) ? 0 : 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  process.exitCode = await main(process.argv.slice(2)).catch((error: unknown) => {
    console.error(`health: ${error instanceof Error ? error.message : String(error)}`);
    return 1;
  });
}
