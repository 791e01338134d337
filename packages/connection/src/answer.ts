import { responseFraming } from '@http-client/body';
import { HTTPException } from '@http-client/errors';
import type { Violation } from '@http-client/headers';

import { BodyReader } from './body-reader.js';
import { bodySource } from './body-source.js';
import type { Channel } from './channel.js';
import type { ExchangeRecord } from './exchange-record.js';
import type { CheckedOptions } from './options.js';
import { HTTPResponse, type InterimResponse } from './response.js';
import type { FinalHead } from './response-heads.js';

/** What a response is made of. */
export interface AnswerParts {
  readonly channel: Channel;
  readonly record: ExchangeRecord;
  readonly final: FinalHead;
  readonly informational: readonly InterimResponse[];
  /** What was tolerated in the heads. */
  readonly violations: readonly Violation[];
  readonly options: CheckedOptions;
  readonly timeout: number | undefined;
  readonly debugLevel: number;
  /** What the caller of a read that failed gets to see. */
  readonly failed: (error: unknown) => unknown;
  /** The response was read to its end, or given up; `keep` says whether the connection may be used on. */
  readonly ended: (reader: BodyReader, keep: boolean) => void;
}

export interface Answer {
  readonly response: HTTPResponse;
  readonly reader: BodyReader;
  /** Behind this response the connection speaks another protocol: a 101, or a 2xx to CONNECT. */
  readonly switched: boolean;
}

/**
 * Makes the response whose head has come, with the way to read its body.
 *
 * @throws InvalidHeader or UnknownTransferEncoding where the head does not say for certain how the body is framed.
 */
export function makeResponse(parts: AnswerParts): Answer {
  const { channel, record, options } = parts;
  const { head, offset } = parts.final;
  const { strict, tolerate, maxResponseHeaders } = options;
  const { method } = record;
  const { status, version, headers } = head;
  if (status === 101 && !record.upgrade) {
    throw new HTTPException(
      'Cannot get the response: it is a 101, and the request asked for no Upgrade (RFC 9110, section 7.8)',
    );
  }
  const switched = status === 101 || (method === 'CONNECT' && status >= 200 && status < 300);
  const framing = responseFraming({ method, status, version, headers, strict, tolerate });
  const last = framing.willClose || record.closes || record.withheld || record.expects;
  const willClose = last && !switched;
  const source = bodySource(
    framing,
    { strict, tolerate, maxTrailers: maxResponseHeaders },
    channel.input.position,
    channel.tap,
  );
  const reader: BodyReader = new BodyReader(channel, source, {
    truncation: strict ? (tolerate.includes('truncated-body') ? 'accept' : 'refuse') : 'reference',
    timeout: parts.timeout,
    ended: (clean) => {
      parts.ended(reader, clean && !willClose);
    },
    failed: parts.failed,
  });
  const violations =
    framing.violations.length === 0
      ? parts.violations
      : [...parts.violations, ...framing.violations.map((violation) => ({ ...violation, offset }))];
  const response = new HTTPResponse({
    head,
    informational: parts.informational,
    violations: () => [...violations, ...source.violations, ...reader.violations],
    trailers: () => source.trailers,
    url: record.url,
    chunked: framing.kind === 'chunked',
    willClose,
    debugLevel: parts.debugLevel,
    body: reader,
    fileno: () => channel.fileno,
  });
  return { response, reader, switched };
}
