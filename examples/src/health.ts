// Checks whether servers are healthy: all at the same time, with nothing shared between the checks.
//
//     node examples/dist/health.js http://a.example/health https://b.example/health --within 5000
//
// Each check opens a new connection, so it also shows whether that is possible. It has a timeout for each wait, and a
// deadline for all of it, so that a server that sends very slowly cannot delay it for ever. No check waits for another.
// The exit code is 1 if any server is unhealthy.

import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { HTTPConnection, HTTPSConnection, isSuccess, quote, type HTTPResponse } from '@http-client/client';

/** The most bytes that are read of a body: a check is not a download. */
const ENOUGH = 65_536;

export interface Health {
  readonly url: string;
  readonly well: boolean;
  /** The status, or what went wrong, in one line. */
  readonly said: string;
  readonly milliseconds: number;
}

/** Checks one server; never rejects. `within` is the deadline for all of it, in milliseconds. */
export async function check(url: URL, within: number, signal?: AbortSignal): Promise<Health> {
  const begin = performance.now();
  // The deadline and the caller's signal both end whatever is in progress.
  const deadline = AbortSignal.timeout(within);
  const ending = signal === undefined ? deadline : AbortSignal.any([deadline, signal]);
  const Connection = url.protocol === 'https:' ? HTTPSConnection : HTTPConnection;
  const connection = new Connection(url.host, undefined, { timeout: within });
  let response: HTTPResponse | undefined;
  const end = (): void => {
    connection.close();
    // The last response on a connection is not closed with it.
    response?.close();
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
      // The server need not wait for another request, and can tell the check from a user's request.
      headers: { Connection: 'close', 'User-Agent': 'health-check' },
    });
    response = await connection.getResponse();
    // A head alone does not show that the server works: a truncated body is an error here.
    await response.read(ENOUGH);
    return result(isSuccess(response.status), `${response.status} ${quote(response.reason)}`);
  } catch (error) {
    if (deadline.aborted) return result(false, `not done within ${within} ms`);
    return result(false, error instanceof Error ? error.message : String(error));
  } finally {
    ending.removeEventListener('abort', end);
    end();
  }
}

/** The URL from the command line; throws unless its scheme is supported. */
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
  // A timer treats numbers beyond its 31 bits as 1 ms.
  if (positionals.length === 0 || !Number.isSafeInteger(within) || within < 1 || within >= 2 ** 31) {
    console.error('usage: health URL... [--within MILLISECONDS]');
    return 2;
  }
  const urls = positionals.map(urlOf);
  const checks = urls.map(async (address) => {
    const { url, well, said, milliseconds } = await check(address, within);
    // Printed as soon as it is known: slow servers do not delay the results of others.
    console.log(`${well ? 'healthy  ' : 'UNHEALTHY'} ${url} ${milliseconds} ms: ${said}`);
    return well;
  });
  return (await Promise.all(checks)).every((well) => well) ? 0 : 1;
}

/** Whether `parseArgs` refused an option: it is unknown, or its value is missing. */
function isMistyped(error: unknown): boolean {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  process.exitCode = await main(process.argv.slice(2)).catch((error: unknown) => {
    console.error(`health: ${error instanceof Error ? error.message : String(error)}`);
    return isMistyped(error) ? 2 : 1;
  });
}
