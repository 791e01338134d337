import { rootCertificates } from 'node:tls';

import {
  connectTCP,
  connectTLS,
  HTTPConnection,
  HTTPSConnection,
  TOLERANCES,
  type HTTPConnectionOptions,
  type HTTPSConnectionOptions,
  type TLSContext,
  type Tolerance,
  type Transport,
} from '@http-client/client';

import { Failure } from '../failure.js';
import { parseAddress, type Address } from '../request/address.js';
import { parseProxy, type Proxy } from '../request/proxy.js';
import type { Settings } from './api.js';
import type { PhaseClock } from './phase-clock.js';
import type { EmbeddedServers } from './targets/embedded.js';

/** Where the connection of a session leads, by its settings. */
export interface SessionRoute {
  readonly address: Address;
  readonly proxy: Proxy | undefined;
  readonly context: TLSContext;
}

/** @throws Failure for an invalid server or proxy. */
export function routeOf(settings: Settings, embedded: EmbeddedServers): SessionRoute {
  const server = embedded.find(settings.server);
  if (server === undefined && !settings.server.includes('://')) {
    throw new Failure(
      `Cannot use ${JSON.stringify(settings.server)} as a server: expected http:// or https:// and a host`,
    );
  }
  const address = parseAddress(server?.url ?? settings.server, 'an Authorization field is');
  const proxy = proxyOf(settings.proxy, embedded);
  return { address, proxy, context: contextOf(settings.trust, embedded) };
}

function proxyOf(text: string, embedded: EmbeddedServers): Proxy | undefined {
  if (text === '') return undefined;
  return parseProxy(embedded.find(text)?.url ?? text);
}

function contextOf(trust: Settings['trust'], embedded: EmbeddedServers): TLSContext {
  const context: TLSContext = { ALPNProtocols: ['http/1.1'], minVersion: 'TLSv1.2' };
  if (trust === 'playground') context.ca = [...rootCertificates, embedded.authority];
  if (trust === 'anybody') {
    context.rejectUnauthorized = false;
    context.checkServerIdentity = () => undefined;
  }
  return context;
}

/** @throws Failure for a name that is not a rule: a page that is older than its server may send one. */
export function tolerancesOf(names: readonly string[]): Tolerance[] {
  const wrong = names.find((name) => !isTolerance(name));
  if (wrong !== undefined)
    throw new Failure(`Cannot tolerate ${JSON.stringify(wrong)}: there is no such rule`);
  return names.filter(isTolerance);
}

function isTolerance(name: string): name is Tolerance {
  return (TOLERANCES as readonly string[]).includes(name);
}

/** Makes the connection of a session. It is opened later, which the clock then measures. */
export function connectionFor(
  { address, proxy, context }: SessionRoute,
  options: HTTPConnectionOptions,
  clock: PhaseClock,
): HTTPConnection {
  const via = proxy ?? address;
  const connector = proxy?.secure === true ? connectTLS(context) : connectTCP;
  const timed: HTTPConnectionOptions = {
    ...options,
    connector: (target) => clock.connecting(() => connector(target)),
  };
  const connection = address.secure
    ? new TimedHTTPSConnection(via, { ...timed, context }, clock)
    : new HTTPConnection(via.host, via.port, timed);
  if (proxy !== undefined) {
    // As in a browser: the credentials are sent once, when the proxy asks for them.
    const { authorization } = proxy;
    connection.setTunnel(address.host, address.port, {
      authenticate: ({ headers }, round) =>
        authorization !== undefined && round === 1 && asksForBasic(headers.getAll('proxy-authenticate'))
          ? { 'Proxy-Authorization': authorization }
          : undefined,
    });
  }
  return connection;
}

/** A field may have several challenges, and there may be several fields (RFC 9110, section 11.7.1). */
function asksForBasic(challenges: readonly string[]): boolean {
  return challenges.some((value) => /(^|,)\s*basic(\s|,|$)/i.test(value));
}

class TimedHTTPSConnection extends HTTPSConnection {
  readonly #clock: PhaseClock;

  constructor(
    via: { readonly host: string; readonly port: number },
    options: HTTPSConnectionOptions,
    clock: PhaseClock,
  ) {
    super(via.host, via.port, options);
    this.#clock = clock;
  }

  protected override secure(
    transport: Transport,
    serverName: string,
    options: { timeout?: number; signal?: AbortSignal },
  ): Promise<Transport> {
    return this.#clock.securing(() => super.secure(transport, serverName, options));
  }
}
