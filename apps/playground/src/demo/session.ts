import {
  quote,
  type HTTPConnection,
  type HTTPMessage,
  type HTTPResponse,
  type RequestOptions,
} from '@http-client/client';

import { Failure } from '../failure.js';

/** One request, and a check of its response. */
export interface Step {
  /** The beginning of the request, as printed: `GET /`. */
  readonly asks: string;
  /** What else is sent, as printed. */
  readonly sends?: string;
  /** Sends the request and gets the response. */
  readonly ask: (connection: HTTPConnection) => Promise<HTTPResponse>;
  /** Reads the body, if not simply with `read()`. */
  readonly read?: (response: HTTPResponse) => Promise<Reading>;
  /**
   * Checks the response, and says in a few words what it shows.
   *
   * @throws WrongAnswer if it is wrong.
   */
  readonly check: (answer: Answer, earlier: readonly Answer[]) => string;
}

/** A body, and the sizes of the blocks in which it was read. */
export interface Reading {
  readonly body: Uint8Array;
  readonly blocks: readonly number[];
}

export interface Answer extends Reading {
  readonly version: 10 | 11;
  readonly status: number;
  readonly reason: string;
  readonly headers: HTTPMessage;
  /** The fields of the proxy's response, if there is a tunnel. */
  readonly proxyHeaders?: HTTPMessage | undefined;
}

/** Steps that share a connection. */
export interface Session {
  readonly title: string;
  readonly steps: readonly Step[];
  /** Sets up what the session runs on, if not the demo's origin and a connection to it. */
  readonly stage?: () => Promise<Stage>;
}

export interface ConnectionSettings {
  readonly timeout: number;
  readonly debugLevel: number;
}

/** What a session runs on. */
export interface Stage {
  /** A description to print, except for the demo's own origin. */
  readonly tells?: string;
  connect(settings: ConnectionSettings): HTTPConnection;
  close(): Promise<void>;
}

/** A response that is not as expected. */
export class WrongAnswer extends Failure {}

/** Prints a session while it runs. */
export interface Teller {
  asking(step: Step): Promise<void>;
  answered(answer: Answer): Promise<void>;
  found(finding: string): Promise<void>;
}

/**
 * Runs a session's steps one after the other.
 *
 * @throws WrongAnswer at the first wrong response; and whatever the exchange throws.
 */
export async function runSession(session: Session, connection: HTTPConnection, tell: Teller): Promise<void> {
  const earlier: Answer[] = [];
  for (const step of session.steps) {
    await tell.asking(step);
    const response = await step.ask(connection);
    const reading = await (step.read ?? readWhole)(response);
    const { version, status, reason, headers } = response;
    const proxyHeaders = connection.getProxyResponseHeaders();
    const answer = { version, status, reason, headers, proxyHeaders, ...reading };
    await tell.answered(answer);
    await tell.found(step.check(answer, earlier));
    earlier.push(answer);
  }
}

async function readWhole(response: HTTPResponse): Promise<Reading> {
  const body = await response.read();
  return { body, blocks: [body.length] };
}

/** Sends a request, and gets the response to it. */
export async function exchange(
  connection: HTTPConnection,
  method: string,
  url: string,
  options: RequestOptions = {},
): Promise<HTTPResponse> {
  await connection.request(method, url, options);
  return connection.getResponse();
}

/** Reads in blocks of `size` bytes, until one is empty. */
export async function readInBlocks(response: HTTPResponse, size: number): Promise<Reading> {
  const blocks: Uint8Array[] = [];
  for (let block = await response.read(size); block.length > 0; block = await response.read(size)) {
    blocks.push(block);
  }
  return { body: Buffer.concat(blocks), blocks: blocks.map(({ length }) => length) };
}

/** @throws WrongAnswer if a value is not the expected one. */
export function demand(what: string, value: string | number | undefined, wanted: string | number): void {
  if (value !== wanted) throw new WrongAnswer(`${what} must be ${show(wanted)}, but is ${show(value)}`);
}

/** @throws WrongAnswer if the status or reason is another one. */
export function demandStatus(answer: Answer, status: number, reason: string): void {
  demand('the status', `${answer.status} ${answer.reason}`, `${status} ${reason}`);
}

function show(value: string | number | undefined): string {
  return typeof value === 'string' ? quote(value) : String(value ?? 'absent');
}

/**
 * Parses the body of a response, which must be a JSON object.
 *
 * @throws WrongAnswer if it is not.
 */
export function objectIn(answer: Answer): Record<string, unknown> {
  const text = new TextDecoder().decode(answer.body);
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  } catch {
    // Reported below.
  }
  throw new WrongAnswer(`the body must be a JSON object, but is ${JSON.stringify(text.slice(0, 80))}`);
}

/** A JSON value, as printed. */
export function valueText(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number'
    ? String(value)
    : JSON.stringify(value ?? null);
}
