import type { ByteReader } from '@http-client/io';
import { describe, expectTypeOf, test } from 'vitest';

import { HTTPMessage, parseHeaderBlock, parseHeaders } from './index.js';
import type { HeadersInput, HeaderValue, ParseHeadersOptions } from './index.js';

const message = new HTTPMessage();

describe('HTTPMessage', () => {
  test('get returns a string if there is a fallback', () => {
    expectTypeOf(message.get('Host')).toEqualTypeOf<string | undefined>();
    expectTypeOf(message.get('Host', 'none')).toEqualTypeOf<string>();
    // @ts-expect-error the fallback is text
    message.get('Host', 0);
  });

  test('is iterated as pairs', () => {
    expectTypeOf([...message]).toEqualTypeOf<[string, string][]>();
    expectTypeOf(new Map(message)).toEqualTypeOf<Map<string, string>>();
    expectTypeOf(message.toJSON()).toEqualTypeOf<[string, string][]>();
  });

  test('takes text, numbers and bytes as values', () => {
    expectTypeOf<string | number | Uint8Array>().toEqualTypeOf<HeaderValue>();
    // @ts-expect-error a date has many forms
    message.set('Date', new Date());
    // @ts-expect-error undefined is not a value
    message.append('X', undefined);
  });

  test('uses the types of the platform, if they are known', () => {
    expectTypeOf(message.toHeaders()).toEqualTypeOf<Headers>();
  });

  test('size and defects are read only', () => {
    // @ts-expect-error it is computed
    message.size = 1;
    // @ts-expect-error it is read-only
    message.defects[0] = { line: '', detail: '' };
  });
});

describe('HeadersInput', () => {
  test('is any of these', () => {
    expectTypeOf<HTTPMessage>().toExtend<HeadersInput>();
    expectTypeOf<Headers>().toExtend<HeadersInput>();
    expectTypeOf<Map<string, string | number>>().toExtend<HeadersInput>();
    expectTypeOf<readonly (readonly [string, HeaderValue])[]>().toExtend<HeadersInput>();
    expectTypeOf<{
      Accept: string;
      'Content-Length': number;
      'Set-Cookie': (string | number | Uint8Array)[];
    }>().toExtend<HeadersInput>();
  });

  test('is none of these', () => {
    expectTypeOf<string>().not.toExtend<HeadersInput>();
    expectTypeOf<string[]>().not.toExtend<HeadersInput>();
    expectTypeOf<{ Date: Date }>().not.toExtend<HeadersInput>();
    expectTypeOf<{ Accept: string | undefined }>().not.toExtend<HeadersInput>();
  });
});

describe('the parsers', () => {
  test('one waits for bytes, the other may have too few', () => {
    expectTypeOf(parseHeaders).toEqualTypeOf<
      (fp: ByteReader, options?: ParseHeadersOptions) => Promise<HTTPMessage>
    >();
    expectTypeOf(parseHeaderBlock(new Uint8Array())).toEqualTypeOf<
      { headers: HTTPMessage; end: number } | undefined
    >();
  });

  test('reject an unknown option', () => {
    // @ts-expect-error it is maxHeaders
    parseHeaderBlock(new Uint8Array(), { maxheaders: 1 });
    // @ts-expect-error it is a boolean
    parseHeaderBlock(new Uint8Array(), { strict: 'no' });
  });
});
