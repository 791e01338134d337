import { setImmediate } from 'node:timers/promises';

import { afterAll, beforeAll, describe, onTestFinished } from 'vitest';

import { REQUIRED } from '../../../../tests/support/programs.js';
import {
  HTTPConnection,
  type HTTPConnectionOptions,
  type HTTPResponse,
  type RequestOptions,
} from '../index.js';
import type { Origin, Ports, Started } from './servers-origins.js';
import { Site } from './servers-site.js';

/** Milliseconds: a wait that takes longer fails its test, however slow the machine. */
const TIMEOUT = 60_000;

/** What the tests of one server use, once it runs. */
export interface Stage {
  readonly ports: Ports;
  readonly site: Site;
}

/** The tests of one server, which is started before them and stopped after them, whatever their outcome. */
export function describeOrigin(origin: Origin, tests: (at: () => Stage) => void): void {
  const absent = origin.missing !== undefined && !REQUIRED;
  const title = absent ? `${origin.name} (left out: ${origin.missing})` : origin.name;
  describe.skipIf(absent)(title, () => {
    let site: Site | undefined;
    let server: Started['server'] | undefined;
    let stage: Stage;
    beforeAll(async () => {
      site = new Site();
      const started = await origin.start(site.folder);
      ({ server } = started);
      stage = { ports: started.ports, site };
    });
    afterAll(async () => {
      await server?.close();
      site?.remove();
    });
    tests(() => stage);
  });
}

/** A connection that is closed when the test ends. */
export function open(port: number, options: HTTPConnectionOptions = {}): HTTPConnection {
  // All of these servers send a 100: nothing should be sent because it is late.
  const terms = { timeout: TIMEOUT, continueTimeout: TIMEOUT, ...options };
  const connection = new HTTPConnection('127.0.0.1', port, terms);
  onTestFinished(() => {
    connection.close();
  });
  return connection;
}

export async function ask(
  connection: HTTPConnection,
  method: string,
  url: string,
  options: RequestOptions = {},
): Promise<HTTPResponse> {
  await connection.request(method, url, options);
  return connection.getResponse();
}

/** The server's connection that the response came from, and its number among the requests there. */
export function place(response: HTTPResponse): { connection: string | undefined; request: number } {
  return {
    connection: response.getHeader('X-Connection'),
    request: Number(response.getHeader('X-Requests')),
  };
}

/** Waits for something that the peer does by itself. */
export async function until(done: () => boolean): Promise<void> {
  const deadline = performance.now() + TIMEOUT;
  while (!done()) {
    if (performance.now() > deadline) throw new Error('The peer did not do what was waited for');
    await setImmediate();
  }
}
