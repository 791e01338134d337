import { describe, expect, test } from 'vitest';

import type { RequestBody } from './index.js';
import { answer, rejection, stage } from './testdata/stage.js';

describe('a promised Content-Length', () => {
  const blocks = (...parts: string[]): (() => RequestBody)[] => [
    () => parts,
    async function* () {
      await Promise.resolve();
      yield* parts;
    },
  ];
  const kept: [promised: number, parts: string[]][] = [
    [5, ['hello']],
    [5, ['hel', '', 'lo', '']],
    [0, []],
    [0, ['']],
  ];
  test.each(kept)('of %i bytes is kept by %o', async (promised, parts) => {
    for (const make of blocks(...parts)) {
      const { connection, transports } = stage(['']);
      await connection.request('POST', '/', { body: make(), headers: { 'Content-Length': promised } });
      expect(transports[0]!.writtenText).toMatch(new RegExp(`\r\n\r\n${parts.join('')}$`));
      expect(connection.state).toBe('Request-sent');
    }
  });

  const broken: [promised: number, parts: string[], sent: string][] = [
    [5, ['hello', 'x'], 'hello'],
    [5, ['hel', 'lox', 'yz'], 'hel'],
    [5, ['hell'], 'hell'],
    [5, [], ''],
    [0, ['x'], ''],
  ];
  test.each(broken)(
    'of %i bytes is broken by %o: a RangeError, and closed',
    async (promised, parts, sent) => {
      for (const make of blocks(...parts)) {
        const { connection, transports } = stage(['', answer('again')]);
        const request = connection.request('POST', '/', {
          body: make(),
          headers: { 'Content-Length': promised },
        });
        const error = await rejection(request);
        expect(error).toBeInstanceOf(RangeError);
        expect(error).toMatchObject({ delivery: 'partial' });
        expect(error.message).toContain(`promises ${promised} bytes`);
        expect(transports[0]!.writtenText).toMatch(new RegExp(`\r\n\r\n${sent}$`));
        expect(transports[0]!.closed).toBe(true);
        expect(connection).toMatchObject({ state: 'Idle', transport: undefined });
        await connection.request('GET', '/');
        const response = await connection.getResponse();
        expect(await response.text()).toBe('again');
      }
    },
  );

  const told: [size: number, gives: string, sent: string][] = [
    [2, 'hello', ''],
    [9, 'hello', 'hello'],
  ];
  test.each(told)(
    'of %i bytes by a Blob that gives %j: a RangeError, and closed',
    async (size, gives, sent) => {
      const { connection, transports } = stage(['']);
      const body = { size, stream: () => new Blob([gives]).stream() };
      const error = await rejection(connection.request('POST', '/', { body }));
      expect(error).toBeInstanceOf(RangeError);
      expect(error).toMatchObject({ delivery: 'partial' });
      expect(transports[0]!.writtenText).toMatch(new RegExp(`Content-Length: ${size}\r\n\r\n${sent}$`));
      expect(transports[0]!.closed).toBe(true);
    },
  );
});
