import { inspect } from 'node:util';

import { describe, expect, expectTypeOf, test } from 'vitest';

import * as errors from './index.js';

const headers = new Map<string, string>() as unknown as errors.HeaderFields;
const body = new Uint8Array([110, 111]);
const partial = new Uint8Array([1, 2, 3]);
const refusal = { status: 407, reason: 'Proxy Authentication Required', headers, body };

/** Name, parent, code and own fields of each class, and an error created as the packages above create it. */
const rows = [
  ['HTTPException', 'Error', 'HTTP_EXCEPTION', {}, new errors.HTTPException('m')],
  ['NotConnected', 'HTTPException', 'HTTP_NOT_CONNECTED', {}, new errors.NotConnected('m')],
  ['InvalidURL', 'HTTPException', 'HTTP_INVALID_URL', {}, new errors.InvalidURL('m')],
  [
    'UnknownProtocol',
    'HTTPException',
    'HTTP_UNKNOWN_PROTOCOL',
    { version: 'HTTP/2.0' },
    new errors.UnknownProtocol('m', { version: 'HTTP/2.0' }),
  ],
  [
    'UnknownTransferEncoding',
    'HTTPException',
    'HTTP_UNKNOWN_TRANSFER_ENCODING',
    {},
    new errors.UnknownTransferEncoding('m'),
  ],
  [
    'UnimplementedFileMode',
    'HTTPException',
    'HTTP_UNIMPLEMENTED_FILE_MODE',
    {},
    new errors.UnimplementedFileMode('m'),
  ],
  [
    'IncompleteRead',
    'HTTPException',
    'HTTP_INCOMPLETE_READ',
    { partial, expected: 7 },
    new errors.IncompleteRead('m', { partial, expected: 7 }),
  ],
  [
    'ImproperConnectionState',
    'HTTPException',
    'HTTP_IMPROPER_CONNECTION_STATE',
    {},
    new errors.ImproperConnectionState('m'),
  ],
  [
    'CannotSendRequest',
    'ImproperConnectionState',
    'HTTP_CANNOT_SEND_REQUEST',
    { state: 'Request-sent' },
    new errors.CannotSendRequest('m', { state: 'Request-sent' }),
  ],
  [
    'CannotSendHeader',
    'ImproperConnectionState',
    'HTTP_CANNOT_SEND_HEADER',
    {},
    new errors.CannotSendHeader('m'),
  ],
  [
    'ResponseNotReady',
    'ImproperConnectionState',
    'HTTP_RESPONSE_NOT_READY',
    { state: 'Idle' },
    new errors.ResponseNotReady('m', { state: 'Idle' }),
  ],
  [
    'BadStatusLine',
    'HTTPException',
    'HTTP_BAD_STATUS_LINE',
    { line: 'ICY 200 OK' },
    new errors.BadStatusLine('m', { line: 'ICY 200 OK' }),
  ],
  ['RemoteDisconnected', 'BadStatusLine', 'ECONNRESET', { line: '' }, new errors.RemoteDisconnected('m')],
  [
    'LineTooLong',
    'HTTPException',
    'HTTP_LINE_TOO_LONG',
    { what: 'status line', limit: 65536 },
    new errors.LineTooLong('m', { what: 'status line', limit: 65536 }),
  ],
  [
    'TooManyHeaders',
    'HTTPException',
    'HTTP_TOO_MANY_HEADERS',
    { limit: 100 },
    new errors.TooManyHeaders('m', { limit: 100 }),
  ],
  [
    'InvalidHeader',
    'HTTPException',
    'HTTP_INVALID_HEADER',
    { line: 'a b: c' },
    new errors.InvalidHeader('m', { line: 'a b: c' }),
  ],
  [
    'InvalidChunk',
    'HTTPException',
    'HTTP_INVALID_CHUNK',
    { line: '0x5' },
    new errors.InvalidChunk('m', { line: '0x5' }),
  ],
  ['TunnelError', 'HTTPException', 'HTTP_TUNNEL_ERROR', refusal, new errors.TunnelError('m', refusal)],
  [
    'TimeoutError',
    'HTTPException',
    'ETIMEDOUT',
    { phase: 'connect' },
    new errors.TimeoutError('m', { phase: 'connect' }),
  ],
] as const;

describe.each(rows)('%s', (name, parent, code, fields, error) => {
  const type = errors[name];

  test('is an error of its name, parent and code', () => {
    expect(error).toBeInstanceOf(Error);
    expect(error).toBeInstanceOf(type);
    expect((Object.getPrototypeOf(type) as typeof Error).name).toBe(parent);
    expect(error.name).toBe(name);
    expect(type.name).toBe(name);
    expect(error.code).toBe(code);
    expect(type.code).toBe(code);
    expect(String(error)).toBe(`${name}: m`);
    expect(error.stack).toMatch(new RegExp(`^${name}: m\n`));
  });

  test('shows its code and its fields, and none that are absent', () => {
    const shown = Object.entries<unknown>(fields).filter(([, value]) => !ArrayBuffer.isView(value));
    expect(error).toMatchObject(fields);
    expect(Object.entries(error)).toEqual([['code', code], ...shown]);
    expect('cause' in error).toBe(false);
    expect('delivery' in error).toBe(false);
    expect(Object.hasOwn(error, 'name')).toBe(false);
    expect(Object.getOwnPropertyDescriptor(type.prototype, 'name')).toEqual({
      value: name,
      configurable: true,
      enumerable: false,
      writable: true,
    });
  });

  test('takes a cause and a delivery besides its fields', () => {
    const Any = type as new (message: string, fields: object) => errors.HTTPException;
    const cause = new Error('why');
    const full = new Any('m', { ...fields, cause, delivery: 'partial' });
    expect(full).toMatchObject({ ...fields, code, delivery: 'partial' });
    expect(full.cause).toBe(cause);
    // As for any Error: a cause is printed below the error, not among its fields.
    expect(Object.keys(full)).not.toContain('cause');
  });

  test('shows no cause that is undefined', () => {
    const Any = type as new (message: string, fields: object) => errors.HTTPException;
    expect('cause' in new Any('m', { ...fields, cause: undefined })).toBe(false);
  });
});

test('every class is in the table', () => {
  const classes = Object.keys(errors).filter((name) => /^[A-Z]/.test(name));
  expect(rows.map(([name]) => name as string).sort()).toEqual(classes.sort());
});

test('`error` is the older name of HTTPException', () => {
  expect(errors.error).toBe(errors.HTTPException);
});

test('delivery can be set on the error that ends a request', () => {
  const error = new errors.TimeoutError('m', { phase: 'body' });
  expect(error.delivery).toBeUndefined();
  error.delivery = 'answered';
  expect(error.delivery).toBe('answered');
});

test('a field that is undefined is left out', () => {
  const error = new errors.IncompleteRead('m', { partial, expected: undefined, delivery: undefined });
  expect(error.expected).toBeUndefined();
  expect(Object.keys(error)).toEqual(['code']);
  expect('expected' in error).toBe(false);
});

test('bytes are properties like any other, but not copied by loggers: a body would fill the log', () => {
  for (const error of [new errors.IncompleteRead('m', { partial }), new errors.TunnelError('m', refusal)]) {
    const name = error instanceof errors.TunnelError ? 'body' : 'partial';
    expect(Object.assign({}, error)).not.toHaveProperty(name);
    expect(JSON.parse(JSON.stringify(error))).not.toHaveProperty(name);
    const other = new Uint8Array([4]);
    Object.assign(error, { [name]: other });
    expect(error).toHaveProperty(name, other);
    expect(Object.keys(error)).not.toContain(name);
  }
});

test('a plain HTTPException can carry a code', () => {
  expect(new errors.HTTPException('m', { code: 'HTTP_UNEXPECTED_UPGRADE' }).code).toBe(
    'HTTP_UNEXPECTED_UPGRADE',
  );
  expect(new errors.HTTPException('m', { code: undefined }).code).toBe('HTTP_EXCEPTION');
});

test('a printed error names the class, the code and the fields', () => {
  const printed = inspect(new errors.LineTooLong('m', { what: 'status line', limit: 9 }));
  expect(printed).toMatch(/^LineTooLong: m\n/);
  expect(printed).toMatch(/\{\n {2}code: 'HTTP_LINE_TOO_LONG',\n {2}what: 'status line',\n {2}limit: 9\n\}$/);
});

test('types: the declared code is the one computed, and instances have what the constructor takes', () => {
  type Name = (typeof rows)[number][0];
  type Code<N extends Name> = Extract<(typeof rows)[number], readonly [N, ...unknown[]]>[2];
  type Leaf = Exclude<Name, 'HTTPException' | 'BadStatusLine' | 'ImproperConnectionState'>;
  type Taken<N extends Name> = NonNullable<ConstructorParameters<(typeof errors)[N]>[1]>;
  expectTypeOf<{ [N in Leaf]: InstanceType<(typeof errors)[N]>['code'] }>().toEqualTypeOf<{
    [N in Leaf]: Code<N>;
  }>();
  expectTypeOf<{
    [N in Name]: InstanceType<(typeof errors)[N]> extends Readonly<
      Required<Omit<Taken<N>, keyof errors.ExceptionFields | 'code' | 'expected'>>
    >
      ? true
      : N;
  }>().toEqualTypeOf<{ [N in Name]: true }>();
});
