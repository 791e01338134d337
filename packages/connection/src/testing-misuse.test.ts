import { encodeLatin1 } from '@http-client/io';
import { describe, expect, test } from 'vitest';

import { afterWrite, reset, scriptedTransport, type ScriptStep } from './testing.js';

const bytes = encodeLatin1;
const now = afterWrite(0);

describe('what cannot be played', () => {
  test('text outside ISO-8859-1 is rejected', async () => {
    await expect(scriptedTransport([now, '€']).read()).rejects.toThrow(TypeError);
  });

  test.each([5, undefined, null, {}, (): string => 'a'])('%o is not a script', (replies) => {
    expect(() => scriptedTransport(replies as never)).toThrow(TypeError);
    expect(() => scriptedTransport(replies as never)).toThrow(/^Cannot use .* as a script: expected text, /);
  });

  test.each([{ kind: 'nope' }, {}, 5, undefined, null])('%o is not a step', async (step) => {
    const message = /^Cannot use .* as a step of a script: expected text, a Uint8Array or a marker$/;
    expect(() => scriptedTransport([now, step as never])).toThrow(TypeError);
    expect(() => scriptedTransport([now, step as never])).toThrow(message);
    const steps = function* (): Generator<ScriptStep> {
      yield now;
      yield step as never;
    };
    const reading = scriptedTransport(steps()).read();
    await expect(reading).rejects.toThrow(TypeError);
    await expect(reading).rejects.toThrow(message);
  });

  test.each<[marker: string, make: () => unknown, error: Error]>([
    [
      'afterWrite(NaN)',
      () => afterWrite(NaN),
      new RangeError(
        'Cannot use "NaN" as the bytes of afterWrite: expected a whole number from 0 to 9007199254740991',
      ),
    ],
    [
      "afterWrite('GET')",
      () => afterWrite('GET' as never),
      new TypeError('Cannot use "GET" as the bytes of afterWrite: it is not a number'),
    ],
    [
      'reset(null)',
      () => reset(null as never),
      new TypeError('Cannot use "null" as the code of a reset: expected a string'),
    ],
  ])('%s is not a step', (_marker, make, error) => {
    expect(make).toThrow(error);
  });

  test.each<[options: unknown, kind: typeof RangeError | typeof TypeError, says: string]>([
    [{ split: 0 }, RangeError, '"0" as split: expected a whole number from 1 '],
    [{ split: -1 }, RangeError, 'split'],
    [{ split: NaN }, RangeError, 'split'],
    [{ split: 1.5 }, RangeError, 'split'],
    [{ split: 'lines' }, TypeError, '"lines" as split'],
    [{ split: null }, TypeError, 'split'],
    // Sizes, one for each block, in place of offsets.
    [{ split: [3, 1] }, RangeError, '"3,1" as split: expected offsets in ascending order'],
    [{ split: [-1] }, RangeError, '"-1" as an offset of split'],
    [{ split: ['1'] }, TypeError, '"1" as an offset of split'],
    [{ stallWritesAfter: -1 }, RangeError, '"-1" as stallWritesAfter'],
    [{ stallWritesAfter: '5' }, TypeError, '"5" as stallWritesAfter'],
    [{ failWritesAfter: NaN }, RangeError, '"NaN" as failWritesAfter'],
    ['bytes', TypeError, '"bytes" as options'],
    [{ splitt: 1 }, TypeError, '"splitt" as an option of scriptedTransport: it takes split, '],
  ])('options of %j are rejected', (options, kind, says) => {
    expect(() => scriptedTransport('', options as never)).toThrow(kind);
    expect(() => scriptedTransport('', options as never)).toThrow(says);
  });
});

describe('what cannot be called', () => {
  test('a second read while one is pending', async () => {
    const transport = scriptedTransport([afterWrite(1), 'a']);
    const first = transport.read();
    await expect(transport.read()).rejects.toThrow(/another read is pending/);
    await transport.write(bytes('x'));
    expect(await first).toEqual(bytes('a'));
  });

  test.each([['text'], [undefined], [new ArrayBuffer(1)]])('a write of %o', async (data) => {
    await expect(scriptedTransport([]).write(data as never)).rejects.toThrow(TypeError);
  });

  test('a writev of a value that is not an array', async () => {
    await expect(scriptedTransport([]).writev(bytes('GET') as never)).rejects.toThrow(TypeError);
  });

  test('data that changes before its write settles', async () => {
    const data = bytes('abc');
    const writing = scriptedTransport([]).write(data);
    data[1] = 0;
    await expect(writing).rejects.toThrow(/changed before the write settled/);
  });
});
