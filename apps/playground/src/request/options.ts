import type { Tolerance } from '@http-client/client';

import type { TLSOptions } from './context.js';
import type { PayloadOptions } from './payload.js';
import type { Proxy } from './proxy.js';

/** The user's options for a request, without its method and URL. */
export interface RequestOptions extends TLSOptions, PayloadOptions {
  /** The value of Authorization. */
  readonly user?: string;
  readonly include?: boolean;
  readonly output?: string;
  readonly fail?: boolean;
  readonly timeout?: number;
  readonly lenient?: boolean;
  readonly tolerate?: readonly Tolerance[];
  readonly proxy?: Proxy;
  readonly verbose?: boolean;
  readonly wire?: boolean;
  readonly debug?: boolean;
  readonly har?: string;
  readonly showCredentials?: boolean;
}
