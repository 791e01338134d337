import { bodySource, framingOf } from '@http-client/body';
import { HTTPException } from '@http-client/errors';

import { BodyReader, type BodyOwner } from './body-reader.js';
import type { Channel } from './channel.js';
import type { ExchangeRecord } from './exchange-record.js';
import type { CheckedOptions } from './options.js';
import { CreatedResponse, type HTTPResponse } from './response.js';
import type { FinalHead, ResponseHeads } from './response-heads.js';

/** What a response is created from. */
export interface AnswerParts {
  readonly channel: Channel;
  readonly record: ExchangeRecord;
  readonly final: FinalHead;
  /** The interim heads before it, and the deviations tolerated in all of them. */
  readonly heads: ResponseHeads;
  readonly options: CheckedOptions;
  readonly owner: BodyOwner;
  readonly debugLevel: number;
}

export interface Answer {
  readonly response: HTTPResponse;
  readonly reader: BodyReader;
  /** After this response, a 101 or a 2xx to CONNECT, the connection speaks another protocol. */
  readonly switched: boolean;
  /** No further response may be read from its channel. */
  readonly isLast: boolean;
}

/**
 * Creates the response from its head, with the reader of its body.
 *
 * @throws InvalidHeader or UnknownTransferEncoding if the framing of the body is ambiguous; HTTPException for a 101 to
 * a request without Upgrade.
 */
export function makeResponse(parts: AnswerParts): Answer {
  const { channel, record, options, heads, owner, debugLevel } = parts;
  const { head, offset } = parts.final;
  const { strict, tolerate } = options;
  const { method } = record;
  const { status, version, headers } = head;
  if (status === 101 && !record.upgrade) {
    throw new HTTPException(
      'Cannot get the response: it is a 101, and the request asked for no Upgrade (RFC 9110, section 7.8)',
    );
  }
  const switched = status === 101 || (method === 'CONNECT' && status >= 200 && status < 300);
  const framing = framingOf({ method, status, version, headers, strict, tolerate });
  // A 100 may have come so shortly before that the body has not been sent yet.
  const withheld = record.withheld && heads.mayGo !== true;
  const last = framing.willClose || record.closes || withheld || record.expects;
  const willClose = last && !switched;
  const reader = new BodyReader(
    channel,
    bodySource(
      framing,
      { strict, tolerate, maxTrailers: options.maxResponseHeaders },
      channel.input.position,
      channel.tap,
    ),
    owner,
    strict ? !tolerate.includes('truncated-body') : undefined,
  );
  const response = new CreatedResponse({
    head,
    informational: heads.interim,
    violations:
      framing.violations.length === 0
        ? heads.violations
        : [...heads.violations, ...framing.violations.map((violation) => ({ ...violation, offset }))],
    record,
    chunked: framing.kind === 'chunked',
    willClose,
    debugLevel,
    body: reader,
  });
  // With `strict: false` a 103 is handed out like a final response, as in the reference; the real one is still to come.
  const isLast = willClose || (status < 200 && !switched);
  return { response, reader, switched, isLast };
}
