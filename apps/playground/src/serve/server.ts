import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

import { InvalidURL, TOLERANCES, TRANSITIONS } from '@http-client/client';
import * as v from 'valibot';

import { Failure, failureLine } from '../failure.js';
import { listen } from '../listen.js';
import { ROUTES, type Begun, type Hello } from './api.js';
import type { Asset } from './assets.js';
import { Guard } from './guard.js';
import { judge } from './judge.js';
import { LIMITS, type Limits } from './limits.js';
import { receiveJSON } from './receive-json.js';
import { schemasFor } from './schemas.js';
import { Sessions } from './sessions.js';
import { ANSWERS } from './targets/answers.js';
import type { EmbeddedServers } from './targets/embedded.js';

/** The playground's server, which is listening. */
export interface PlayServer {
  /** The address of the page, with the token that it needs. It is a secret of whoever started the server. */
  readonly address: string;
  /** Closes it at once, with every session and every connection. */
  close(): Promise<void>;
}

/**
 * The fields of every response. The page runs only what is served with it, whatever the bytes of a peer do to it: no
 * script or style in its markup, no other origin, and no text turned into markup (trusted types).
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
 * @throws the system's error if the port cannot be used.
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
      answerCall(request, response, handle, limits).catch(() => response.destroy());
    } else {
      sendAsset(request, response, assets.get(path));
    }
  });
  server.maxConnections = limits.connections;
  const listening = await listen(server, port);
  const guard = new Guard(listening.port);
  return {
    address: guard.address,
    close: () => {
      sessions.close();
      return listening.close();
    },
  };
}

/** Handles one request to the API. `message` is its JSON. */
type Handler = (message: unknown, response: ServerResponse) => unknown;

function apiOf(
  sessions: Sessions,
  embedded: EmbeddedServers,
  limits: Limits,
): Readonly<Record<string, Handler>> {
  const { Settings, CallRequest, JudgeRequest } = schemasFor(limits);
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
      sayJSON(response, await judge(v.parse(JudgeRequest, message), limits));
    },
  };
}

async function answerCall(
  request: IncomingMessage,
  response: ServerResponse,
  handle: Handler,
  limits: Limits,
): Promise<void> {
  if (request.method !== 'POST') {
    response.setHeader('Allow', 'POST');
    sayText(response, 405, 'The API only supports POST');
    return;
  }
  try {
    await handle(await receiveJSON(request, limits.message), response);
  } catch (error) {
    if (response.headersSent) throw error;
    if (v.isValiError<v.GenericSchema>(error)) sayText(response, 400, failureLine(invalidPart(error)));
    else sayText(response, error instanceof Failure || isBadArgument(error) ? 400 : 500, failureLine(error));
  }
}

/** What is wrong with a message, and where in it: `timeout: Invalid value: Expected <=60000 but received 99999`. */
function invalidPart({ issues: [issue] }: v.ValiError<v.GenericSchema>): string {
  return `${v.getDotPath(issue) ?? 'the message'}: ${issue.message}`;
}

/** Whether the constructor of a connection threw it. */
function isBadArgument(error: unknown): boolean {
  return error instanceof TypeError || error instanceof RangeError || error instanceof InvalidURL;
}

function sendAsset(request: IncomingMessage, response: ServerResponse, asset: Asset | undefined): void {
  if (asset === undefined) {
    sayText(response, 404, 'There is no such page');
  } else if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.setHeader('Allow', 'GET, HEAD');
    sayText(response, 405, 'The page only supports GET and HEAD');
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
