import { createDefaultContext, type TLSContext } from '@http-client/client';

import { Failure } from '../failure.js';
import type { Address } from './address.js';
import type { Proxy } from './proxy.js';

/** The user's options for TLS to the server and to the proxy. Files are PEM. */
export interface TLSOptions {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly insecure?: boolean;
  readonly proxyCa?: string;
  readonly proxyCert?: string;
  readonly proxyKey?: string;
  readonly proxyInsecure?: boolean;
}

/**
 * Makes the TLS context for the server; undefined without TLS, and for the defaults.
 *
 * @throws Failure for a file that cannot be read or used, and for options that do not apply.
 */
export function serverContext({ secure }: Address, options: TLSOptions): TLSContext | undefined {
  const { ca, cert, key, insecure } = options;
  return contextFor({ ca, cert, key, insecure }, '--', secure ? undefined : 'for an http:// URL');
}

/** Makes the TLS context for the proxy itself, likewise. The options for the server do not apply to it. */
export function proxyContext(proxy: Proxy | undefined, options: TLSOptions): TLSContext | undefined {
  const { proxyCa: ca, proxyCert: cert, proxyKey: key, proxyInsecure: insecure } = options;
  const none = proxy === undefined ? 'without --proxy' : 'for an http:// proxy';
  return contextFor({ ca, cert, key, insecure }, '--proxy-', proxy?.secure === true ? undefined : none);
}

interface Given {
  readonly ca: string | undefined;
  readonly cert: string | undefined;
  readonly key: string | undefined;
  readonly insecure: boolean | undefined;
}

/** `prefix` is the beginning of the options' names. `none` is set if there is no TLS, and says where. */
function contextFor(given: Given, prefix: string, none: string | undefined): TLSContext | undefined {
  const { ca, cert, key, insecure } = given;
  const first = Object.entries(given).find(([, value]) => value !== undefined);
  if (first === undefined) return undefined;
  if (none !== undefined) {
    throw new Failure(`Cannot use ${prefix}${first[0]} ${none}: there is no TLS`);
  }
  if (key !== undefined && cert === undefined) {
    throw new Failure(`Cannot use ${prefix}key without ${prefix}cert: the key belongs to a certificate`);
  }
  try {
    const context = createDefaultContext({
      ...(ca === undefined ? {} : { caFile: ca }),
      ...(cert === undefined ? {} : { certFile: cert }),
      ...(key === undefined ? {} : { keyFile: key }),
      ...(insecure === true ? { verify: false } : {}),
    });
    // As without these options: trust does not change the protocol.
    return { ...context, ALPNProtocols: ['http/1.1'] };
  } catch (error) {
    // The message has the names of the library's options: replace them with those of the command.
    const { message } = error as Error;
    const why = message.replace(/(?<= (?:as|without) )(ca|cert|key)File(?=: )/, `${prefix}$1`);
    throw new Failure(why, { cause: error });
  }
}
