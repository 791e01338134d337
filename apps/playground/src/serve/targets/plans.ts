import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { Server } from 'node:net';

import { proxyServer, type Refusal } from '../../proxy-server.js';
import type { Target } from '../api.js';
import { ANSWERS } from './answers.js';
import type { Certificates } from './certificates.js';
import { chunked, continueServer, earlyHints, echo, slow, trailers } from './http-servers.js';
import { cannedServer, early413Server, poisonedServer } from './raw-answers.js';

/** A test server before it is started. */
export interface Plan {
  readonly target: Omit<Target, 'url'>;
  readonly server: Server;
  readonly scheme: 'http' | 'https';
  /** What precedes the host in its URL. */
  readonly credentials?: string;
}

type About = Pick<Target, 'title' | 'about' | 'example'>;

const LONG_BODY = 'What is too much for the server, line after line.\n'.repeat(40);

/** All test servers, in the order in which the page lists them. */
export function plansFor({ good, expired, otherName, selfSigned }: Certificates): readonly Plan[] {
  const plan = (name: string, server: Server, about: About, scheme: Plan['scheme'] = 'http'): Plan => ({
    target: { name, kind: 'server', ...about },
    server,
    scheme,
  });
  return [
    plan('plain', createServer(echo), {
      title: 'Plain',
      about: 'Responds with the request it received, and keeps the connection open.',
    }),
    plan('chunked', createServer(chunked), {
      title: 'Chunked',
      about: 'A body whose length is not known before its end.',
    }),
    plan('trailers', createServer(trailers), {
      title: 'Trailers',
      about: 'Two fields after the last chunk.',
    }),
    plan('early-hints', createServer(earlyHints), {
      title: 'Early hints',
      about: '103 at once, and the final response four tenths of a second later.',
    }),
    plan('slow', createServer(slow), {
      title: 'Slow',
      about: 'A line of the body every four tenths of a second.',
    }),
    plan('continue', continueServer(), {
      title: 'Expect: 100-continue',
      about: 'Responds with 100 before the body, or with 413 if that would exceed 1 KiB.',
      example: { method: 'POST', body: 'A body that waits until it may come.\n', expectContinue: true },
    }),
    plan('early-413', early413Server(), {
      title: 'Early 413',
      about: 'Rejects a body while it is being sent, and closes.',
      example: { method: 'POST', body: LONG_BODY },
    }),
    plan('poisoned', poisonedServer(), {
      title: 'Poisoned keep-alive',
      about: 'Sends a second response after the first, for clients that take it for the next one.',
    }),
    ...ANSWERS.map((answer) => plan(answer.name, cannedServer(answer), answer)),
    plan(
      'tls',
      createSecureServer(good, echo),
      { title: 'TLS', about: 'A valid certificate, from the playground’s own authority.' },
      'https',
    ),
    plan(
      'tls-expired',
      createSecureServer(expired, echo),
      { title: 'TLS, expired', about: 'A certificate that expired yesterday.' },
      'https',
    ),
    plan(
      'tls-other-name',
      createSecureServer(otherName, echo),
      { title: 'TLS, other name', about: 'A valid certificate, but for another host.' },
      'https',
    ),
    plan(
      'tls-self-signed',
      createSecureServer(selfSigned, echo),
      { title: 'TLS, self-signed', about: 'A certificate that no authority vouches for.' },
      'https',
    ),
    proxyPlan(),
  ];
}

const REQUIRED: Refusal = [
  '407 Proxy Authentication Required',
  'Proxy-Authenticate: Basic realm="playground"',
];

/** It opens tunnels to any host. Only this page gets its password, so that other local users cannot use it. */
function proxyPlan(): Plan {
  const credentials = `user:${randomBytes(9).toString('base64url')}`;
  const wanted = `Basic ${Buffer.from(credentials).toString('base64')}`;
  return {
    target: {
      name: 'proxy',
      kind: 'proxy',
      title: 'Authenticating proxy',
      about: 'Responds with 407 first, and opens a tunnel once it gets the credentials.',
    },
    server: proxyServer((place, authorization) => (authorization === wanted ? place : REQUIRED)),
    scheme: 'http',
    credentials: `${credentials}@`,
  };
}
