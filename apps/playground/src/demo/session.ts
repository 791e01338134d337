import { quote, type HTTPConnection, type HTTPMessage, type HTTPResponse } from '@http-client/client';

import { Failure } from '../failure.js';

/** One request and what must come of it. */
export interface Step {
  /** The start of the request, for people: `GET /`. */
  readonly asks: string;
  /** What goes with it, for people. */
  readonly sends?: string;
  /** Sends the request and gets the response. */
  readonly ask: (connection: HTTPConnection) => Promise<HTTPResponse>;
  /** Reads the body, where that is not simply `read()`. */
  readonly read?: (response: HTTPResponse) => Promise<Reading>;
  /**
   * Looks at the answer, and says in a few words what it shows.
   *
   * @throws WrongAnswer where it is not what it must be.
   */
  readonly check: (answer: Answer, earlier: readonly Answer[]) => string;
}

/** A body, with the sizes of the blocks that it was read in. */
export interface Reading {
  readonly body: Uint8Array;
  readonly blocks: readonly number[];
}

export interface Answer extends Reading {
  readonly version: 10 | 11;
  readonly status: number;
  readonly reason: string;
  readonly headers: HTTPMessage;
  /** The fields of the proxy's answer, where there is a tunnel. */
  readonly proxyHeaders?: HTTPMessage | undefined;
}

/** Steps that belong together and share a connection. */
export interface Session {
  readonly title: string;
  readonly steps: readonly Step[];
  /** Sets up what it is run on, where that is not the demo's origin and a connection to it. */
  readonly stage?: () => Promise<Stage>;
}

export interface ConnectionSettings {
  readonly timeout: number;
  readonly debugLevel: number;
}

/** What a session is run on. */
export interface Stage {
  /** What there is, for people; nothing to say of the demo's own origin. */
  readonly tells?: string;
  connect(settings: ConnectionSettings): HTTPConnection;
  close(): Promise<void>;
}

/** An answer that is not what it must be. */
export class WrongAnswer extends Failure {}

/** What is told of a session while it runs. */
export interface Teller {
  asking(step: Step): Promise<void>;
  answered(answer: Answer): Promise<void>;
  found(finding: string): Promise<void>;
}

/**
 * Runs a session's steps one after the other.
 *
 * @throws WrongAnswer at the first answer that is not what it must be; whatever the exchange throws.
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

/** Reads in blocks of `size` bytes, until one is empty. */
export async function readInBlocks(response: HTTPResponse, size: number): Promise<Reading> {
  const blocks: Uint8Array[] = [];
  for (let block = await response.read(size); block.length > 0; block = await response.read(size)) {
    blocks.push(block);
  }
  return { body: Buffer.concat(blocks), blocks: blocks.map(({ length }) => length) };
}

/** @throws WrongAnswer where a value is not the one wanted. */
export function demand(what: string, value: string | number | undefined, wanted: string | number): void {
  if (value !== wanted) throw new WrongAnswer(`${what} must be ${show(wanted)}, and is ${show(value)}`);
}

/** @throws WrongAnswer where status or reason is another one. */
export function demandStatus(answer: Answer, status: number, reason: string): void {
  demand('the status', `${answer.status} ${answer.reason}`, `${status} ${reason}`);
}

function show(value: string | number | undefined): string {
  return typeof value === 'string' ? quote(value) : String(value ?? 'absent');
}

/** The JSON object that an answer's body is. */
export function objectIn(answer: Answer): Record<string, unknown> {
  const text = new TextDecoder().decode(answer.body);
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  } catch {
    // Said below.
  }
  throw new WrongAnswer(`the body must be a JSON object, and is ${JSON.stringify(text.slice(0, 80))}`);
}

/** A value of JSON, for people. */
export function valueText(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number'
    ? String(value)
    : JSON.stringify(value ?? null);
}
