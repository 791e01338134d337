import { createDefaultContext, type TLSContext } from '@http-client/client';

import { Failure } from '../failure.js';
import type { Address } from './address.js';

/** What the user says about TLS. Files are PEM. */
export interface TLSOptions {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly insecure?: boolean;
}

/**
 * How TLS is spoken to the address; undefined where it is not spoken, or as always.
 *
 * @throws Failure for a file that cannot be read or used, and for options that have nothing to act on.
 */
export function contextFor({ secure }: Address, options: TLSOptions): TLSContext | undefined {
  const { ca, cert, key, insecure = false } = options;
  const given = Object.entries({ ca, cert, key, insecure: insecure || undefined }).find(
    ([, value]) => value !== undefined,
  );
  if (given === undefined) return undefined;
  if (!secure) throw new Failure(`Cannot use --${given[0]} for an http:// URL: no TLS is spoken there`);
  if (key !== undefined && cert === undefined) {
    throw new Failure('Cannot use --key without --cert: the key belongs to a certificate');
  }
  try {
    return createDefaultContext({
      ...(ca === undefined ? {} : { caFile: ca }),
      ...(cert === undefined ? {} : { certFile: cert }),
      ...(key === undefined ? {} : { keyFile: key }),
      ...(insecure ? { verify: false, checkHostname: false } : {}),
    });
  } catch (error) {
    // It speaks of its options; the user knows them by other names.
    const { message } = error as Error;
    throw new Failure(message.replace(/ as (ca|cert|key)File(?=: )/, ' for --$1'), { cause: error });
  }
}
