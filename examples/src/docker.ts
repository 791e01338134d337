// Talks to a daemon on this machine over its Unix socket: Docker, or another with the same API (podman).
//
//     node examples/dist/docker.js unix:///var/run/docker.sock
//     node examples/dist/docker.js unix:///var/run/docker.sock --follow
//
// Without --follow it lists the containers; with it, it prints events until it is interrupted. Events have a connection
// of their own: a response that never ends would keep all other calls waiting.

import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { CannotSendRequest, HTTPConnection, quote, type HTTPResponse } from '@http-client/client';

/** Milliseconds to wait for a response that should come at once. */
const TIMEOUT = 10_000;
/** The longest line of the endless response, in bytes. */
const MAX_LINE = 1_048_576;

export interface Container {
  readonly Id: string;
  readonly Names: readonly string[];
  readonly Image: string;
  readonly State: string;
}

export interface DaemonEvent {
  readonly Type: string;
  readonly Action: string;
  readonly Actor: { readonly ID: string };
}

/** A daemon's API. Calls are made one after the other, on one connection. */
export class Daemon {
  readonly #socketPath: string;
  readonly #connection: HTTPConnection;
  #version: string | undefined;

  constructor(socketPath: string) {
    this.#socketPath = socketPath;
    this.#connection = this.#open(TIMEOUT);
  }

  containers(): Promise<Container[]> {
    return this.#call('/containers/json?all=true');
  }

  /** The events from now on, until the signal is aborted. */
  async *events(signal: AbortSignal): AsyncGenerator<DaemonEvent> {
    // No timeout: nothing may happen for days.
    const connection = this.#open(undefined);
    let response: HTTPResponse | undefined;
    const end = (): void => {
      connection.close();
      // A response without a length is not closed with its connection.
      response?.close();
    };
    signal.addEventListener('abort', end);
    try {
      await connection.request('GET', `${await this.#prefix()}/events`);
      response = await checked(await connection.getResponse());
      // One JSON value per line; the chunks of the body do not follow the lines.
      for (
        let line = await response.readLine(MAX_LINE);
        line.length > 0;
        line = await response.readLine(MAX_LINE)
      ) {
        if (line.at(-1) !== 0x0a) throw new Error(`a line is cut off or longer than ${MAX_LINE} bytes`);
        yield JSON.parse(new TextDecoder().decode(line)) as DaemonEvent;
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      signal.removeEventListener('abort', end);
      end();
    }
  }

  close(): void {
    this.#connection.close();
  }

  /** The host is only used for the Host field: the connection is to the socket. */
  #open(timeout: number | undefined): HTTPConnection {
    return new HTTPConnection('localhost', undefined, { socketPath: this.#socketPath, timeout });
  }

  async #call<T>(target: string): Promise<T> {
    const response = await this.#ask('GET', `${await this.#prefix()}${target}`);
    return response.json<T>();
  }

  async #ask(method: string, target: string): Promise<HTTPResponse> {
    const connection = this.#connection;
    try {
      await connection.request(method, target);
    } catch (error) {
      // After a failed write it would wait for `getResponse`, and refuse all further calls.
      if (!(error instanceof CannotSendRequest)) connection.close();
      throw error;
    }
    return checked(await connection.getResponse());
  }

  /** The prefix for the daemon's own version of the API, asked for once: each version has its own paths. */
  async #prefix(): Promise<string> {
    if (this.#version === undefined) {
      const response = await this.#ask('HEAD', '/_ping');
      const version = response.getHeader('Api-Version', '');
      if (!/^\d+\.\d+$/.test(version))
        throw new Error(`not a Docker-compatible daemon: its Api-Version is ${quote(version)}`);
      this.#version = version;
    }
    return `/v${this.#version}`;
  }
}

/** The response, if it is a 200; otherwise throws with the daemon's own message. */
async function checked(response: HTTPResponse): Promise<HTTPResponse> {
  if (response.status === 200) return response;
  const said = new TextDecoder().decode(await response.read(MAX_LINE));
  response.close();
  throw new Error(
    `the daemon responds ${response.status} ${quote(response.reason)}: ${quote(messageIn(said), 500)}`,
  );
}

function messageIn(said: string): string {
  try {
    return String((JSON.parse(said) as { message?: unknown }).message);
  } catch {
    return said;
  }
}

/** The meanings of the system's errors for a daemon's socket. */
const MEANINGS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such socket: is the daemon installed?',
  ECONNREFUSED: 'nothing is listening on the socket: the daemon is not running',
  EACCES: 'this user may not use the socket',
  ENOTSOCK: 'the path is not a socket',
};

async function main(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: { follow: { type: 'boolean', default: false } },
    allowPositionals: true,
  });
  const [address = process.env['DOCKER_HOST'] ?? 'unix:///var/run/docker.sock'] = positionals;
  if (!address.startsWith('unix://')) {
    console.error('usage: docker [unix:///PATH] [--follow]');
    return 2;
  }
  const interruption = new AbortController();
  process.once('SIGINT', () => {
    interruption.abort();
  });
  const daemon = new Daemon(address.slice('unix://'.length));
  try {
    if (values.follow) {
      for await (const { Type, Action, Actor } of daemon.events(interruption.signal)) {
        console.log(`${quote(Type)} ${quote(Action)} ${quote(Actor.ID)}`);
      }
    } else {
      for (const { Id, Names, Image, State } of await daemon.containers()) {
        console.log(`${quote(Id.slice(0, 12))} ${quote(State)} ${quote(Image)} ${quote(Names.join(' '))}`);
      }
    }
    return 0;
  } catch (error) {
    const meaning = error instanceof Error && 'code' in error ? MEANINGS[String(error.code)] : undefined;
    throw meaning === undefined ? error : new Error(meaning, { cause: error });
  } finally {
    daemon.close();
  }
}

/** Whether `parseArgs` refused an option: it is unknown, or its value is missing. */
function isMistyped(error: unknown): boolean {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  process.exitCode = await main(process.argv.slice(2)).catch((error: unknown) => {
    console.error(`docker: ${error instanceof Error ? error.message : String(error)}`);
    return isMistyped(error) ? 2 : 1;
  });
}
