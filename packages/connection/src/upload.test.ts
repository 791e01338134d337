import { Readable } from 'node:stream';

import { describe, expect, test } from 'vitest';

import { HTTPConnection, type RequestBody } from './index.js';
import { scriptedConnector, STALL, type ScriptOptions, type ScriptStep } from './testing.js';
import { quiet, rejection, settled, stage, type Outcome, type StageOptions } from './testdata/stage.js';

/** An endless body, of blocks of ten bytes, and what has happened to it. */
interface Source {
  readonly body: RequestBody;
  readonly asked: () => number;
  readonly closed: () => boolean;
}

const BLOCK = '0123456789';

/** Sources of every kind that can be closed. `keeps` is the number of blocks after which the next one never arrives. */
const sources: [name: string, make: (keeps: number) => Source][] = [
  [
    'an async generator',
    (keeps) => {
      let asked = 0;
      let closed = false;
      async function* blocks(): AsyncGenerator<string, void, void> {
        try {
          for (;;) {
            if (asked++ >= keeps) await new Promise(() => undefined);
            yield BLOCK;
          }
        } finally {
          closed = true;
        }
      }
      const iterator = blocks();
      // A waiting generator learns of its end only when its wait ends; the caller of `return` must not be blocked by
      // that.
      const body = {
        [Symbol.asyncIterator]: () => ({
          next: () => iterator.next(),
          return: () => {
            closed = true;
            return iterator.return();
          },
        }),
      };
      return { body, asked: () => asked, closed: () => closed };
    },
  ],
  [
    'a web stream',
    (keeps) => {
      let asked = 0;
      let closed = false;
      const body = new ReadableStream<string>(
        {
          pull: (controller) => {
            if (asked++ < keeps) controller.enqueue(BLOCK);
          },
          cancel: () => {
            closed = true;
          },
        },
        { highWaterMark: 0 },
      );
      return { body, asked: () => asked, closed: () => closed };
    },
  ],
  [
    'a Node stream',
    (keeps) => {
      let asked = 0;
      const body = new Readable({
        highWaterMark: 1,
        read() {
          if (asked++ < keeps) this.push(BLOCK);
        },
      });
      return { body, asked: () => asked, closed: () => body.destroyed };
    },
  ],
];

/** An iterable, which counts the blocks requested. */
function* counted(source: { asked: number; closed: boolean }): Generator<string, void, void> {
  try {
    for (;;) {
      source.asked++;
      yield BLOCK;
    }
  } finally {
    source.closed = true;
  }
}

function begin(
  body: RequestBody,
  { play = {}, script = [], ...options }: StageOptions & { script?: ScriptStep[] },
  signal?: AbortSignal,
): { connection: HTTPConnection; sent: Promise<Outcome>; drain: () => void; text: () => string } {
  const { connection, transports } = stage([script], { play, ...options });
  const request = connection.request('POST', '/', { body, ...(signal === undefined ? {} : { signal }) });
  const sent = request.then(
    () => ({ value: undefined }),
    (error: unknown) => ({ error }),
  );
  return {
    connection,
    sent,
    drain: () => {
      transports[0]!.drain();
    },
    text: () => transports[0]!.writtenText,
  };
}

describe.each(sources)('an upload from %s', (_name, make) => {
  test('is no faster than the peer', async () => {
    const { body, asked } = make(1000);
    const { connection, sent } = begin(body, { play: { stallWritesAfter: 150 } });
    for (let turn = 0; turn < 3; turn++) await quiet();
    // The head has 85 bytes, a chunk 15: at most the sixth is waiting to be taken, and perhaps one more is prepared.
    expect(asked()).toBeLessThanOrEqual(7);
    connection.close();
    expect((await sent) as object).toHaveProperty('error');
  });

  const ends: [
    name: string,
    options: { play?: ScriptOptions; timeout?: number },
    keeps: number,
    error: unknown,
  ][] = [
    ['a write that fails', { play: { failWritesAfter: 200 } }, 1000, { code: 'EPIPE' }],
    ['a write of the head that fails', { play: { failWritesAfter: 50 } }, 1000, { code: 'EPIPE' }],
    [
      'close(), while the peer takes nothing',
      { play: { stallWritesAfter: 150 } },
      1000,
      { code: 'HTTP_EXCEPTION' },
    ],
    [
      'close(), while the peer takes no more of the head',
      { play: { stallWritesAfter: 50 } },
      1000,
      { code: 'HTTP_EXCEPTION' },
    ],
    ['close(), while a block is delayed', {}, 3, { code: 'HTTP_EXCEPTION' }],
    ['the signal, while the peer takes nothing', { play: { stallWritesAfter: 150 } }, 1000, 'enough'],
    [
      'the signal, while the peer takes no more of the head',
      { play: { stallWritesAfter: 50 } },
      1000,
      'enough',
    ],
    ['the signal, while a block is delayed', {}, 3, 'enough'],
    [
      'the timeout',
      { play: { stallWritesAfter: 150 }, timeout: 30 },
      1000,
      { code: 'ETIMEDOUT', phase: 'send' },
    ],
  ];
  test.each(ends)('ends with %s, and its source is closed', async (name, options, keeps, expected) => {
    const { body, closed } = make(keeps);
    const controller = new AbortController();
    const { connection, sent } = begin(body, options, controller.signal);
    await quiet();
    if (name.startsWith('close()')) connection.close();
    if (name.startsWith('the signal')) controller.abort('enough');
    const { error } = (await sent) as { error: unknown };
    if (typeof expected === 'string') expect(error).toBe(expected);
    else expect(error).toMatchObject({ ...(expected as object), delivery: 'partial' });
    await quiet();
    expect(closed()).toBe(true);
    if (!name.startsWith('a write'))
      expect(connection).toMatchObject({ state: 'Idle', transport: undefined });
  });

  test('is not begun without a connection, and can be sent on another', async () => {
    const { body, asked, closed } = make(1000);
    const { connection } = stage([]);
    expect(await rejection(connection.request('POST', '/', { body }))).toMatchObject({ delivery: 'unsent' });
    await quiet();
    expect({ asked: asked(), closed: closed() }).toEqual({ asked: 0, closed: false });
  });

  test.each<
    [how: string, end: (connection: HTTPConnection, signal: AbortController) => void, error: unknown]
  >([
    [
      'its signal ends the opening, and its source is closed',
      (_connection, controller) => {
        controller.abort('enough');
      },
      // The error cannot say that nothing was sent: it is the caller's own.
      'enough',
    ],
    [
      'the signal of another call does, and its source is closed',
      (connection) => {
        const other = new AbortController();
        void settled(connection.getResponse({ signal: other.signal }));
        other.abort('enough');
      },
      'enough',
    ],
    [
      'close() does, and can be sent again, although its signal is aborted afterwards',
      (connection, controller) => {
        connection.close();
        controller.abort('enough');
      },
      expect.objectContaining({ code: 'HTTP_EXCEPTION', delivery: 'unsent' }),
    ],
  ])('is not begun if %s', async (_how, end, error) => {
    const { body, asked, closed } = make(1000);
    const controller = new AbortController();
    const connection = new HTTPConnection('example.org', 80, { connector: scriptedConnector([STALL]) });
    const sent = settled(connection.request('POST', '/', { body, signal: controller.signal }));
    end(connection, controller);
    expect(await sent).toEqual({ error });
    await quiet();
    expect({ asked: asked(), closed: closed() }).toEqual({ asked: 0, closed: error === 'enough' });
  });
});

describe('an upload from an iterable', () => {
  test('is no faster than the peer, and the source is closed', async () => {
    const source = { asked: 0, closed: false };
    const { connection, sent } = begin(counted(source), { play: { stallWritesAfter: 150 } });
    await quiet();
    expect(source.asked).toBeLessThanOrEqual(7);
    connection.close();
    expect(await sent).toMatchObject({ error: { code: 'HTTP_EXCEPTION' } });
    expect(source.closed).toBe(true);
  });

  test('does not appear complete if its end aborts the signal', async () => {
    const controller = new AbortController();
    function* blocks(): Generator<string, void, void> {
      yield BLOCK;
      controller.abort('enough');
    }
    const { connection, sent, text } = begin(blocks(), {}, controller.signal);
    expect(await sent).toEqual({ error: 'enough' });
    expect(text()).not.toContain('0\r\n\r\n');
    expect(connection).toMatchObject({ state: 'Idle', transport: undefined });
  });
});

describe.each(sources)('more of a body, from %s', (_name, make) => {
  test.each(['close()', 'the signal'])('is not begun after %s, and its source is closed', async (end) => {
    const { connection } = stage([''], { play: { stallWritesAfter: 50 } });
    connection.putRequest('POST', '/', { skipHost: true, skipAcceptEncoding: true });
    await connection.endHeaders();
    const first = settled(connection.send(BLOCK.repeat(9)));
    const controller = new AbortController();
    const { body, asked, closed } = make(1000);
    const second = settled(connection.send(body, { signal: controller.signal }));
    await quiet();
    if (end === 'close()') connection.close();
    else controller.abort('enough');
    expect(await first).toMatchObject({ error: { code: 'HTTP_EXCEPTION', delivery: 'partial' } });
    expect(await second).toMatchObject({
      error: end === 'close()' ? { code: 'HTTP_EXCEPTION', delivery: 'partial' } : 'enough',
    });
    expect({ asked: asked(), closed: closed() }).toEqual({ asked: 0, closed: true });
  });

  test('can be sent again if its request could not be sent', async () => {
    const { body, asked, closed } = make(1000);
    const { connection } = stage([]);
    connection.putRequest('POST', '/');
    const begun = rejection(connection.endHeaders());
    expect(await rejection(connection.send(body))).toMatchObject({ delivery: 'unsent' });
    expect(await begun).toMatchObject({ code: 'ECONNREFUSED', delivery: 'unsent' });
    await quiet();
    expect({ asked: asked(), closed: closed() }).toEqual({ asked: 0, closed: false });
  });

  test('is given up by its signal right after close(), although its request never had a connection', async () => {
    const { connection } = stage([], { connector: () => new Promise(() => undefined) });
    connection.putRequest('POST', '/');
    const begun = rejection(connection.endHeaders());
    const controller = new AbortController();
    const { body, asked, closed } = make(1000);
    const sent = settled(connection.send(body, { signal: controller.signal }));
    connection.close();
    // A listener that throws would end the program.
    controller.abort('enough');
    expect(await begun).toMatchObject({ code: 'HTTP_EXCEPTION', delivery: 'unsent' });
    expect(await sent).toEqual({ error: 'enough' });
    await quiet();
    expect({ asked: asked(), closed: closed() }).toEqual({ asked: 0, closed: true });
  });
});

describe('an iterable that is sent as it is', () => {
  async function sending(): Promise<{
    source: { asked: number; closed: boolean };
    stages: ReturnType<typeof stage>;
    sent: Promise<Outcome>;
  }> {
    const source = { asked: 0, closed: false };
    const stages = stage([''], { play: { stallWritesAfter: 50 } });
    stages.connection.putRequest('POST', '/', { skipHost: true, skipAcceptEncoding: true });
    await stages.connection.endHeaders();
    return { source, stages, sent: settled(stages.connection.send(counted(source))) };
  }

  test('is no faster than the peer, and the source is closed', async () => {
    const { source, stages, sent } = await sending();
    await quiet();
    // The head has 19 bytes, a block 10.
    expect(source.asked).toBeLessThanOrEqual(4);
    stages.connection.close();
    expect(await sent).toMatchObject({ error: { code: 'HTTP_EXCEPTION', delivery: 'partial' } });
    expect(source.closed).toBe(true);
  });

  test('is not begun after a failed write', async () => {
    const { connection } = stage([''], { play: { failWritesAfter: 50 } });
    connection.putRequest('POST', '/', { skipHost: true, skipAcceptEncoding: true });
    await connection.endHeaders();
    const failed = await rejection(connection.send(BLOCK.repeat(9)));
    const source = { asked: 0, closed: false };
    expect(await rejection(connection.send(counted(source)))).toBe(failed);
    expect(source.asked).toBe(0);
  });
});

describe('a source that fails', () => {
  const fault = new Error('the disk is gone');
  const failing: [name: string, body: () => RequestBody, error: unknown][] = [
    [
      'with an error of its own',
      async function* () {
        await Promise.resolve();
        yield BLOCK;
        throw fault;
      },
      fault,
    ],
    ['with an invalid block', () => ['fine', 7 as never], expect.any(TypeError)],
    ['with text outside ISO-8859-1', () => ['fine', '€'], expect.any(TypeError)],
    [
      'in the read of an object',
      () => ({
        read: () => {
          throw fault;
        },
      }),
      fault,
    ],
    [
      'without a reason',
      () =>
        new ReadableStream<string>({
          pull: (controller) => {
            controller.enqueue(BLOCK);
            controller.error();
          },
        }),
      undefined,
    ],
  ];
  test.each(failing)(
    '%s: the request rejects with it, and the body does not appear complete',
    async (_name, body, error) => {
      const { connection, sent, text } = begin(body(), {});
      expect(await sent).toStrictEqual({ error });
      expect(text()).not.toContain('0\r\n\r\n');
      expect(connection).toMatchObject({ state: 'Idle', transport: undefined });
      expect(fault.message).toBe('the disk is gone');
    },
  );
});
