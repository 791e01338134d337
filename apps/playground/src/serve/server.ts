import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import { InvalidURL, TOLERANCES, TRANSITIONS } from '@http-client/client';
import * as v from 'valibot';

import { Failure, failureLine } from '../failure.js';
import { end } from '../origin.js';
import { ROUTES, type Begun, type Hello } from './api.js';
import type { Asset } from './assets.js';
import { Guard } from './guard.js';
import { judge } from './judge.js';
import { LIMITS, type Limits } from './limits.js';
import { receiveJSON } from './receive-json.js';
import { CallRequest, JudgeRequest, Settings } from './schemas.js';
import { Sessions } from './sessions.js';
import { ANSWERS } from './targets/answers.js';
import type { EmbeddedServers } from './targets/embedded.js';

/** The playground's server, listening. */
export interface PlayServer {
  /** Where the page is, with the token that it needs. A secret: for whoever started it. */
  readonly address: string;
  /** Ends it at once, with every session and every connection. */
  close(): Promise<void>;
}

/**
 * With every answer. The page runs what is served with it and nothing else, whatever a peer's bytes may do to it: no
 * script or style in its markup, no other origin, and no text that is made markup (trusted types).
 */
const SECURITY_FIELDS = {
  'Content-Security-Policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "font-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; '),
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Cache-Control': 'no-store',
};

/**
 * Serves the page and its API on 127.0.0.1.
 *
 * @throws the system's error where the port cannot be had.
 */
export async function startServer(
  port: number,
  assets: ReadonlyMap<string, Asset>,
  embedded: EmbeddedServers,
  limits: Limits = LIMITS,
): Promise<PlayServer> {
  const sessions = new Sessions(embedded, limits);
  const api = apiOf(sessions, embedded, limits);
  const server = createServer((request, response) => {
    for (const [name, value] of Object.entries(SECURITY_FIELDS)) response.setHeader(name, value);
    const [path = ''] = (request.url ?? '').split('?', 1);
    const handle = Object.hasOwn(api, path) ? api[path] : undefined;
    const refusal = path.startsWith('/api/') ? guard.refusesCall(request) : guard.refusesPage(request);
    if (refusal !== undefined) {
      sayText(response, 403, refusal);
    } else if (handle !== undefined) {
      answerCall(request, response, handle).catch(() => response.destroy());
    } else {
      sendAsset(request, response, assets.get(path));
    }
  });
  server.maxConnections = limits.connections;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject);
      resolve();
    });
  });
  const guard = new Guard((server.address() as AddressInfo).port);
  return {
    address: guard.address,
    close: () => {
      sessions.close();
      return end(server);
    },
  };
}

/** Answers one call of the API, of which `message` is what the page sent. */
type Handler = (message: unknown, response: ServerResponse) => unknown;

function apiOf(
  sessions: Sessions,
  embedded: EmbeddedServers,
  limits: Limits,
): Readonly<Record<string, Handler>> {
  const hello: Hello = {
    targets: embedded.targets,
    transitions: TRANSITIONS,
    tolerances: TOLERANCES,
    answers: ANSWERS,
    limits,
  };
  return {
    [ROUTES.hello]: (_, response) => {
      sayJSON(response, hello);
    },
    [ROUTES.sessions]: (message, response) => {
      sessions.open(v.parse(Settings, message), response);
    },
    [ROUTES.call]: (message, response) => {
      const begun: Begun = { number: sessions.call(v.parse(CallRequest, message)) };
      sayJSON(response, begun);
    },
    [ROUTES.judge]: async (message, response) => {
      sayJSON(response, await judge(v.parse(JudgeRequest, message)));
    },
  };
}

async function answerCall(
  request: IncomingMessage,
  response: ServerResponse,
  handle: Handler,
): Promise<void> {
  if (request.method !== 'POST') {
    response.setHeader('Allow', 'POST');
    sayText(response, 405, 'The API answers to POST alone');
    return;
  }
  try {
    await handle(await receiveJSON(request), response);
  } catch (error) {
    if (response.headersSent) throw error;
    const isOurs = error instanceof Failure || error instanceof v.ValiError || isBadArgument(error);
    sayText(response, isOurs ? 400 : 500, failureLine(error));
  }
}

/** What the constructor of a connection throws. */
function isBadArgument(error: unknown): boolean {
  return error instanceof TypeError || error instanceof RangeError || error instanceof InvalidURL;
}

function sendAsset(request: IncomingMessage, response: ServerResponse, asset: Asset | undefined): void {
  if (asset === undefined) {
    sayText(response, 404, 'There is no such page');
  } else if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.setHeader('Allow', 'GET, HEAD');
    sayText(response, 405, 'The page can be read alone');
  } else {
    response.writeHead(200, { 'Content-Type': asset.type, 'Content-Length': asset.content.length });
    response.end(request.method === 'HEAD' ? undefined : asset.content);
  }
}

function sayJSON(response: ServerResponse, value: unknown): void {
  response.writeHead(200, { 'Content-Type': 'application/json' });
  response.end(JSON.stringify(value));
}

function sayText(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8' });
  response.end(`${text}.\n`);
}
