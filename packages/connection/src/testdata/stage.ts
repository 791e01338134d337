import { decodeLatin1, encodeLatin1, type Transport } from '@http-client/io';

import {
  HTTPConnection,
  type HTTPConnectionOptions,
  type HTTPResponse,
  type RequestOptions,
} from '../index.js';
import {
  scriptedConnector,
  scriptedTransport,
  type ScriptedConnector,
  type ScriptedTransport,
  type ScriptOptions,
  type ScriptStep,
} from '../testing.js';

/** What one peer sends. The next script is for the next transport. */
export type Script = string | Uint8Array | Iterable<ScriptStep>;

/** A connection to `example.org`, and the peers that it connects to. */
export interface Stage {
  readonly connection: HTTPConnection;
  readonly transports: readonly ScriptedTransport[];
  readonly connector: ScriptedConnector;
}

export interface StageOptions extends HTTPConnectionOptions {
  /** How the scripts are played. */
  readonly play?: ScriptOptions;
}

/** Sets up a connection on one scripted transport for each script, handed out in order. */
export function stage(scripts: Iterable<Script>, { play, ...options }: StageOptions = {}): Stage {
  const transports = [...scripts].map((script) => scriptedTransport(script, play));
  const connector = scriptedConnector(transports);
  return {
    connection: new HTTPConnection('example.org', 80, { connector, ...options }),
    transports,
    connector,
  };
}

/** A transport with the required methods only. */
export function plain(transport: Transport): Transport {
  return {
    read: () => transport.read(),
    write: (data) => transport.write(data),
    close: () => {
      transport.close();
    },
  };
}

/** Sends one request on one script, and returns the response. */
export async function fetched(
  script: Script,
  options: StageOptions & { readonly method?: string; readonly request?: RequestOptions } = {},
): Promise<Stage & { readonly response: HTTPResponse; readonly transport: ScriptedTransport }> {
  const { method = 'GET', request = {}, ...rest } = options;
  const set = stage([script], rest);
  await set.connection.request(method, '/', request);
  return { ...set, transport: set.transports[0]!, response: await set.connection.getResponse() };
}

/** A response with a body of known length. */
export function answer(body: string, ...fields: readonly string[]): string {
  return `${head(`Content-Length: ${body.length}`, ...fields)}${body}`;
}

/** The head of a 200. */
export function head(...fields: readonly string[]): string {
  return ['HTTP/1.1 200 OK', ...fields, '', ''].join('\r\n');
}

/** The outcome of a promise: a value, an error, or nothing yet. */
export interface Outcome {
  readonly value?: unknown;
  readonly error?: unknown;
  readonly pending?: true;
}

/** Lets everything happen that needs no external input. */
export async function quiet(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
}

/** The eventual outcome of a promise. */
export function settled(promise: Promise<unknown>): Promise<Outcome> {
  return promise.then(
    (value: unknown): Outcome => ({ value }),
    (error: unknown): Outcome => ({ error }),
  );
}

/** The outcome of a promise, once everything that needs no external input has happened. */
export async function outcome(promise: Promise<unknown>): Promise<Outcome> {
  return Promise.race([settled(promise), quiet().then((): Outcome => ({ pending: true }))]);
}

/** The error that a promise rejects with. Fails if there is none. */
export async function rejection(promise: Promise<unknown>): Promise<Error & Record<string, unknown>> {
  const { error } = await settled(promise);
  if (!(error instanceof Error)) throw new Error('Expected a promise to be rejected with an Error');
  return error as Error & Record<string, unknown>;
}

/** Makes a call. Returns what it threw or rejected with. */
export async function attempted(call: () => unknown): Promise<unknown> {
  try {
    await call();
    return undefined;
  } catch (error) {
    return error;
  }
}

export { decodeLatin1 as text, encodeLatin1 as bytes };
