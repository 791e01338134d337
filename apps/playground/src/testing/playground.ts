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
  /** In the place of what the page sends; without those that are undefined. */
  readonly headers?: Readonly<Record<string, string | undefined>>;
}

/** The playground's server, asked as its page asks it. */
export interface TestPlayground {
  readonly address: string;
  readonly port: number;
  readonly token: string;
  readonly embedded: EmbeddedServers;
  readonly ask: (path: string, asking?: Asking) => Promise<Reply>;
  /** Opens a session, which ends with the test at the latest. */
  readonly open: (settings: Partial<Settings>) => Promise<TestSession>;
  readonly close: () => Promise<void>;
}

const PAGE: Asset = { type: 'text/html; charset=utf-8', content: Buffer.from('<!doctype html>') };

export const SETTINGS: Settings = {
  server: 'plain',
  proxy: '',
  strict: true,
  tolerate: [],
  trust: 'playground',
  timeout: 10_000,
};

/** One for all tests of a file; gives it to each. */
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

/** Starts it on a free port, with some other limits if need be. */
export async function startPlayground(limits: Partial<Limits> = {}): Promise<TestPlayground> {
  const embedded = await startEmbedded();
  const server = await startServer(0, new Map([['/', PAGE]]), embedded, { ...LIMITS, ...limits });
  const { port, hash } = new URL(server.address);
  const token = hash.replace('#key=', '');
  const close = async (): Promise<void> => {
    await server.close();
    embedded.close();
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

/** A session, and all that it has told. */
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

  /** Begins a call, and gives its number. What comes of it may never be told to who does not read. */
  async begin(call: Call): Promise<number> {
    const opened = await this.told((update) => update.type === 'opened');
    const { status, text } = await this.#ask({ session: (opened as { session: string }).session, call });
    if (status !== 200) throw new Error(text);
    return (JSON.parse(text) as Begun).number;
  }

  /** Makes a call, and gives what came of it. */
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

  /** Makes calls one after the other, up to one that fails; gives what came of the last one. */
  async calls(...calls: readonly Call[]): Promise<Outcome | undefined> {
    let outcome: Outcome | undefined;
    for (const call of calls) {
      outcome = await this.call(call);
      if (!outcome.ok) break;
    }
    return outcome;
  }

  /** The first update, of those that were told and those to come, that is wanted. */
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

  /** Reads no more of what is told, as a page does that is held in a debugger. */
  pause(): void {
    this.#lines.pause();
  }

  resume(): void {
    this.#lines.resume();
  }

  /** Goes away, as a page does that is closed. */
  leave(): void {
    this.#message.destroy();
  }
}

/** A whole exchange. */
export const EXCHANGE: readonly Call[] = [
  { call: 'request', method: 'GET', target: '/', headers: [] },
  { call: 'getResponse' },
  { call: 'read' },
];
