import * as v from 'valibot';

import { LIMITS } from './limits.js';

const Text = v.pipe(v.string(), v.maxLength(LIMITS.text));
const Fields = v.pipe(v.array(v.tuple([Text, Text])), v.maxLength(LIMITS.fields));
const Body = v.pipe(v.string(), v.maxLength(LIMITS.body));
const Amount = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(LIMITS.received));

/** How a connection is made. */
export const Settings = v.object({
  /** The name of an embedded server, or a URL of which scheme, host and port count: `https://example.org:8443`. */
  server: Text,
  /** The name of an embedded proxy, `http://user:password@host:port`, or nothing. */
  proxy: Text,
  strict: v.boolean(),
  /** Single rules of strict to relax. */
  tolerate: v.pipe(v.array(Text), v.maxLength(LIMITS.fields)),
  /** Whose certificates are trusted: the platform's authorities', the embedded servers' too, or anybody's. */
  trust: v.picklist(['platform', 'playground', 'anybody']),
  /** Milliseconds that each wait may take. */
  timeout: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(LIMITS.callTime)),
});
export type Settings = v.InferOutput<typeof Settings>;

/** A call on the connection, or on the response that it gave. A body is text, sent as UTF-8. */
export const Call = v.variant('call', [
  v.object({ call: v.literal('connect') }),
  v.object({
    call: v.literal('request'),
    method: Text,
    target: Text,
    headers: Fields,
    body: v.optional(Body),
    /** Sends the body in blocks of so many bytes, and so in chunks. */
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
export type Call = v.InferOutput<typeof Call>;

/** A call, and the session it is made in. */
export const CallRequest = v.object({ session: Text, call: Call });
export type CallRequest = v.InferOutput<typeof CallRequest>;

/** An answer, one character for each byte, as it might come to a request of this method; the peer closes behind it. */
export const JudgeRequest = v.object({ bytes: Body, method: Text });
export type JudgeRequest = v.InferOutput<typeof JudgeRequest>;
