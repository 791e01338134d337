import { decodeLatin1, isHTTPException, type HTTPResponse } from '@http-client/client';

import { codeOf, failureLine } from '../failure.js';
import type { ErrorView, Field, HeadView, ResponseView } from './api.js';

function headOf({ status, reason, headers }: Pick<HTTPResponse, 'status' | 'reason' | 'headers'>): HeadView {
  return { status, reason, headers: headers.toJSON() };
}

/** What was read of a body: all of it is counted, and its beginning kept. */
export class ReadBody {
  size = 0;
  readonly #limit: number;
  #shown = '';

  /** @param limit the bytes to keep. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  add(bytes: Uint8Array): void {
    this.size += bytes.length;
    this.#shown += decodeLatin1(bytes.subarray(0, this.#limit - this.#shown.length));
  }

  get shown(): string {
    return this.#shown;
  }
}

export function viewOfResponse(response: HTTPResponse, body: ReadBody): ResponseView {
  const { version, informational, trailers, violations, headers, chunked, length, willClose, closed } =
    response;
  return {
    version,
    ...headOf(response),
    informational: informational.map(headOf),
    trailers: trailers?.toJSON(),
    violations,
    defects: [...headers.defects, ...(trailers?.defects ?? [])],
    chunked,
    length,
    willClose,
    closed,
    body: body.shown,
    bodySize: body.size,
  };
}

/** The properties that all errors have, or that the page gets under another name. */
const COMMON = ['name', 'code', 'message', 'delivery', 'stack', 'cause', 'headers'];

export function viewOfError(error: unknown): ErrorView {
  const details = isHTTPException(error)
    ? Object.entries(error as object)
        .filter(([name]) => !COMMON.includes(name))
        .map(([name, value]): Field => [name, textOf(value)])
    : [];
  return {
    name: error instanceof Error ? error.name : 'Error',
    code: codeOf(error),
    message: failureLine(error),
    delivery: deliveryOf(error),
    details,
  };
}

/** Also set on an error of the system, if a request ended with it. */
function deliveryOf(error: unknown): ErrorView['delivery'] {
  if (!(error instanceof Error) || !('delivery' in error)) return undefined;
  return error.delivery as ErrorView['delivery'];
}

function textOf(value: unknown): string {
  if (value instanceof Uint8Array) {
    const shown = decodeLatin1(value.subarray(0, 200));
    return `${value.length} bytes: ${JSON.stringify(shown)}${value.length > 200 ? '…' : ''}`;
  }
  return typeof value === 'string' ? JSON.stringify(value) : String(value);
}
