import { request as httpRequest, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { createInterface, type Interface } from 'node:readline';

import { afterAll, beforeAll, onTestFinished } from 'vitest';

import {
  ROUTES,
  TOKEN_FIELD,
  type Begun,
  type Call,
  type CallRecord,
  type ConnectionView,
  type Outcome,
  type Settings,
  type Update,
  type WireItem,
} from '../serve/api.js';
import type { Asset } from '../serve/assets.js';
import { LIMITS, type Limits } from '../serve/limits.js';
import { startServer } from '../serve/server.js';
import { startEmbedded, type EmbeddedServers } from '../serve/targets/embedded.js';

export interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

interface Asking {
  readonly method?: string;
  readonly body?: unknown;
  /** Fields that replace those of the page, or remove them if they are undefined. */
  readonly headers?: Readonly<Record<string, string | undefined>>;
}

/** The playground's server, with the requests that its page sends. */
export interface TestPlayground {
  readonly address: string;
  readonly port: number;
  readonly token: string;
  readonly embedded: EmbeddedServers;
  readonly ask: (path: string, asking?: Asking) => Promise<Reply>;
  /** Opens a session, which ends at the latest with the test. */
  readonly open: (settings: Partial<Settings>) => Promise<TestSession>;
  readonly close: () => Promise<void>;
}

const PAGE: Asset = { type: 'text/html; charset=utf-8', content: Buffer.from('<!doctype html>') };

const SETTINGS: Settings = {
  server: 'plain',
  proxy: '',
  strict: true,
  tolerate: [],
  trust: 'playground',
  timeout: 10_000,
};

/** Starts one playground for all tests of a file, and returns the function that gets it. */
export function usePlayground(): () => TestPlayground {
  let playground: TestPlayground | undefined;
  beforeAll(async () => {
    playground = await startPlayground();
  });
  afterAll(() => playground?.close());
  return () => {
    if (playground === undefined) throw new Error('there is none before the tests');
    return playground;
  };
}

/** Starts a playground on a free port, with the given limits changed. */
export async function startPlayground(limits: Partial<Limits> = {}): Promise<TestPlayground> {
  const embedded = await startEmbedded();
  const server = await startServer(0, new Map([['/', PAGE]]), embedded, { ...LIMITS, ...limits });
  const { port, hash } = new URL(server.address);
  const token = hash.replace('#key=', '');
  const close = async (): Promise<void> => {
    await server.close();
    await embedded.close();
  };

  const start = (path: string, { method = 'POST', body, headers = {} }: Asking): Promise<IncomingMessage> =>
    new Promise((resolve, reject) => {
      const fields: Readonly<Record<string, string | undefined>> = {
        host: `127.0.0.1:${port}`,
        origin: `http://127.0.0.1:${port}`,
        'content-type': 'application/json',
        [TOKEN_FIELD]: token,
        ...headers,
      };
      const given = Object.entries(fields).filter(
        (field): field is [string, string] => field[1] !== undefined,
      );
      httpRequest({ port, host: '127.0.0.1', path, method, headers: Object.fromEntries(given), agent: false })
        .on('response', resolve)
        .on('error', reject)
        .end(body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body));
    });

  const ask: TestPlayground['ask'] = async (path, asking = {}) => {
    const message = await start(path, asking);
    let text = '';
    for await (const block of message.setEncoding('utf8')) text += block as string;
    return { status: message.statusCode ?? 0, headers: message.headers, text };
  };

  const open: TestPlayground['open'] = async (settings) => {
    const message = await start(ROUTES.sessions, { body: { ...SETTINGS, ...settings } });
    if (message.statusCode !== 200) throw new Error(`no session: ${message.statusCode ?? ''}`);
    const session = new TestSession(message, (call) => ask(ROUTES.call, { body: call }));
    onTestFinished(() => {
      session.leave();
    });
    return session;
  };
  return { address: server.address, port: Number(port), token, embedded, ask, open, close };
}

/** A session, and its updates so far. */
export class TestSession {
  readonly updates: Update[] = [];
  readonly #message: IncomingMessage;
  readonly #lines: Interface;
  readonly #ask: (call: { session: string; call: Call }) => Promise<Reply>;
  readonly #told = new Set<() => void>();

  constructor(message: IncomingMessage, ask: (call: { session: string; call: Call }) => Promise<Reply>) {
    this.#message = message;
    this.#ask = ask;
    message.on('error', () => undefined);
    this.#lines = createInterface(message).on('line', (line) => {
      this.updates.push(JSON.parse(line) as Update);
      for (const look of this.#told) look();
    });
  }

  /** Begins a call, and returns its number. If updates are not read, its outcome may never be known. */
  async begin(call: Call): Promise<number> {
    const opened = await this.told((update) => update.type === 'opened');
    const { status, text } = await this.#ask({ session: (opened as { session: string }).session, call });
    if (status !== 200) throw new Error(text);
    return (JSON.parse(text) as Begun).number;
  }

  /** Makes a call, and returns its outcome. */
  async call(call: Call): Promise<Outcome> {
    const number = await this.begin(call);
    let outcome: Outcome | undefined;
    const ended = await this.told((update) => {
      if (update.type === 'call' && update.record.number === number) outcome = update.record.outcome;
      return outcome !== undefined || update.type === 'ended';
    });
    if (outcome === undefined) throw new Error(JSON.stringify(ended));
    return outcome;
  }

  /** Makes calls one after the other, up to the first that fails, and returns the last outcome. */
  async calls(...calls: readonly Call[]): Promise<Outcome | undefined> {
    let outcome: Outcome | undefined;
    for (const call of calls) {
      outcome = await this.call(call);
      if (!outcome.ok) break;
    }
    return outcome;
  }

  /** The first wanted update, among the past and future ones. */
  told(wanted: (update: Update) => boolean): Promise<Update> {
    return new Promise((resolve) => {
      const look = (): void => {
        const found = this.updates.find(wanted);
        if (found === undefined) return;
        this.#told.delete(look);
        resolve(found);
      };
      this.#told.add(look);
      look();
    });
  }

  get wire(): WireItem[] {
    return this.updates.flatMap((update) => (update.type === 'wire' ? [update.item] : []));
  }

  get records(): CallRecord[] {
    return this.updates.flatMap((update) => (update.type === 'call' ? [update.record] : []));
  }

  get view(): ConnectionView | undefined {
    return this.updates.flatMap((update) => (update.type === 'view' ? [update.view] : [])).at(-1);
  }

  /** Stops reading updates, like a page that is paused in a debugger. */
  pause(): void {
    this.#lines.pause();
  }

  resume(): void {
    this.#lines.resume();
  }

  /** Disconnects, like a page that is closed. */
  leave(): void {
    this.#message.destroy();
  }
}

/** The calls of a whole exchange. */
export const EXCHANGE: readonly Call[] = [
  { call: 'request', method: 'GET', target: '/', headers: [] },
  { call: 'getResponse' },
  { call: 'read' },
];

/** The class of the error that a call ended with. */
export function errorOf(outcome: Outcome | undefined): string | undefined {
  return outcome?.ok === false ? outcome.error.name : undefined;
}
