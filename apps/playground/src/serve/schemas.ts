import * as v from 'valibot';

import type { Limits } from './limits.js';

/** The schemas of what the page sends. */
export function schemasFor(limits: Limits) {
  const Text = v.pipe(v.string(), v.maxLength(limits.text));
  const Fields = v.pipe(v.array(v.tuple([Text, Text])), v.maxLength(limits.fields));
  const Body = v.pipe(v.string(), v.maxLength(limits.body));
  const Amount = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(limits.received));

  /** How a connection is made. */
  const Settings = v.object({
    /** The name of an embedded server, or a URL with a scheme, a host and a port: `https://example.org:8443`. */
    server: Text,
    /** The name of an embedded proxy, `http://user:password@host:port`, or empty. */
    proxy: Text,
    strict: v.boolean(),
    /** Single rules of strict to relax. */
    tolerate: v.pipe(v.array(Text), v.maxLength(limits.fields)),
    /** Whose certificates to trust: those of the platform's authorities, also of the embedded servers, or anybody's. */
    trust: v.picklist(['platform', 'playground', 'anybody']),
    /** Milliseconds that each wait may take. */
    timeout: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(limits.callTime)),
  });

  /** A call of the connection or its response. A body is text, sent as UTF-8. */
  const Call = v.variant('call', [
    v.object({ call: v.literal('connect') }),
    v.object({
      call: v.literal('request'),
      method: Text,
      target: Text,
      headers: Fields,
      body: v.optional(Body),
      /** Sends the body in blocks of this many bytes, and so in chunks. */
      blockSize: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1))),
      trailers: v.optional(Fields),
    }),
    v.object({ call: v.literal('putRequest'), method: Text, target: Text }),
    v.object({ call: v.literal('putHeader'), name: Text, value: Text }),
    v.object({ call: v.literal('endHeaders') }),
    v.object({ call: v.literal('send'), data: Body }),
    v.object({ call: v.literal('getResponse') }),
    v.object({ call: v.literal('read'), amount: v.optional(Amount) }),
    v.object({ call: v.literal('close') }),
  ]);

  /** A call, and the session to make it in. */
  const CallRequest = v.object({ session: Text, call: Call });

  /** A response, one character for each byte, to a request with this method. The peer closes after it. */
  const JudgeRequest = v.object({ bytes: Body, method: Text });

  return { Settings, CallRequest, JudgeRequest };
}

type Schemas = ReturnType<typeof schemasFor>;

export type Settings = v.InferOutput<Schemas['Settings']>;
export type CallRequest = v.InferOutput<Schemas['CallRequest']>;
export type Call = CallRequest['call'];
export type JudgeRequest = v.InferOutput<Schemas['JudgeRequest']>;
