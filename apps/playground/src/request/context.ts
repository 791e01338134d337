import { createDefaultContext, type TLSContext } from '@http-client/client';

import { Failure } from '../failure.js';
import type { Address } from './address.js';
import type { Proxy } from './proxy.js';

/** What the user says about TLS, to the server and to the proxy. Files are PEM. */
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
 * How TLS is spoken to the server; undefined where it is not spoken, or as always.
 *
 * @throws Failure for a file that cannot be read or used, and for options that have nothing to act on.
 */
export function serverContext({ secure }: Address, options: TLSOptions): TLSContext | undefined {
  const { ca, cert, key, insecure } = options;
  return contextFor({ ca, cert, key, insecure }, '--', secure ? undefined : 'for an http:// URL');
}

/** How TLS is spoken to the proxy itself, likewise. Nothing that was said for the server counts there. */
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

/** `prefix` begins the names of the options; `none` says where no TLS is spoken, if that is so. */
function contextFor(given: Given, prefix: string, none: string | undefined): TLSContext | undefined {
  const { ca, cert, key, insecure } = given;
  const first = Object.entries(given).find(([, value]) => value !== undefined);
  if (first === undefined) return undefined;
  if (none !== undefined) {
    throw new Failure(`Cannot use ${prefix}${first[0]} ${none}: no TLS is spoken there`);
  }
  if (key !== undefined && cert === undefined) {
    throw new Failure(`Cannot use ${prefix}key without ${prefix}cert: the key belongs to a certificate`);
  }
  try {
    const context = createDefaultContext({
      ...(ca === undefined ? {} : { caFile: ca }),
      ...(cert === undefined ? {} : { certFile: cert }),
      ...(key === undefined ? {} : { keyFile: key }),
      ...(insecure === true ? { verify: false, checkHostname: false } : {}),
    });
    // As without any of these options: whom one trusts does not change what is spoken.
    return { ...context, ALPNProtocols: ['http/1.1'] };
  } catch (error) {
    // It speaks of its own options; the user knows them by others.
    const { message } = error as Error;
    const why = message.replace(/(?<= (?:as|without) )(ca|cert|key)File(?=: )/, `${prefix}$1`);
    throw new Failure(why, { cause: error });
  }
}
