import { decodeLatin1, isHTTPException, type HTTPResponse, type HTTPMessage } from '@http-client/client';

import { codeOf, failureLine } from '../failure.js';
import type { ErrorView, Field, HeadView, ResponseView } from './api.js';
import { LIMITS } from './limits.js';

/** The fields of a message as they are told: bytes as text, each a character. */
function fieldsOf(headers: HTTPMessage): Field[] {
  return headers.toJSON();
}

function headOf({ status, reason, headers }: Pick<HTTPResponse, 'status' | 'reason' | 'headers'>): HeadView {
  return { status, reason, headers: fieldsOf(headers) };
}

/** What was read of a body: all of it counted, the beginning kept. */
export class ReadBody {
  size = 0;
  #shown = '';

  add(bytes: Uint8Array): void {
    this.size += bytes.length;
    this.#shown += decodeLatin1(bytes.subarray(0, LIMITS.shownBody - this.#shown.length));
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
    trailers: trailers && fieldsOf(trailers),
    violations,
    defects: headers.defects,
    chunked,
    length,
    willClose,
    closed,
    body: body.shown,
    bodySize: body.size,
  };
}

/** Fields of an error that every error has, or that the page is told by another name. */
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

/** On errors of the system's too, where a request ended with them. */
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
