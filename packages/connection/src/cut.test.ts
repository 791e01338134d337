import { createServer, type AddressInfo, type Socket } from 'node:net';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { HTTPConnection } from './index.js';
import { ANSWERS, type Row } from './testdata/cut-answers.js';
import { faultOf, observe, readThrough, type Setting } from './testdata/fuzz-exchange.js';
import { judge } from './testdata/fuzz-oracle.js';
import { throwUnhandled } from './testdata/fuzz-rejections.js';
import { same, sameOrThrow } from './testdata/fuzz-same.js';
import type { Answer, Fields, Verdict } from './testdata/fuzz-verdict.js';

type End = Answer['end'];

const answerOf = ({ stream, method = 'GET', upgrade = false }: Row, end: End, length?: number): Answer => ({
  stream: stream.slice(0, length),
  end,
  method,
  upgrade,
});

/** Every position of a stream; of a long one, those near its ends and near the line limit, and some in between. */
function positions({ stream: { length }, from = 0 }: Row): number[] {
  const all = Array.from({ length: length + 1 }, (_, at) => at).slice(from);
  if (length < 300) return all;
  const some = Math.floor(length / 30);
  const near = (at: number, to: number): boolean => Math.abs(at - to) < 12;
  return all.filter((at) => at % some === 0 || near(at, 0) || near(at, length) || near(at, 65_545));
}

/** How many exchanges run concurrently: they wait for each other's turns of the event loop. */
const AT_ONCE = 100;

async function eachOf<T>(items: readonly T[], run: (item: T) => Promise<void>): Promise<void> {
  for (let at = 0; at < items.length; at += AT_ONCE)
    await Promise.all(items.slice(at, at + AT_ONCE).map(run));
  throwUnhandled();
}

async function expectVerdict(answer: Answer, setting: Setting = {}): Promise<void> {
  const how = `${answer.end} after ${answer.stream.length} bytes, split at ${JSON.stringify(setting.split)}`;
  sameOrThrow(how, await observe(answer, setting), judge(answer).verdict);
}

function summary({ head, body, ending, trailers, violations, reusable }: Verdict): string {
  if (head === undefined) return ending === 'waiting' ? 'waits' : (ending as { name: string }).name;
  const shown = `${head.status} ${JSON.stringify(body)}${fieldsShown(trailers)}`;
  if (ending === 'waiting') return `${shown} and waits`;
  if (ending !== 'complete') return `${shown} then ${ending.name}`;
  const interim =
    head.interim.length === 0 ? '' : ` after ${head.interim.map(({ status }) => status).join(' ')}`;
  const rules = violations.length === 0 ? '' : `, ${violations.map(({ rule }) => rule).join(' ')}`;
  return `${shown}${interim}, ${reusable ? 'kept' : 'closed'}${rules}`;
}

const fieldsShown = (fields: Fields = []): string =>
  fields.map(([name, value]) => ` ${name}=${value}`).join('');

describe.each(ANSWERS.map((row) => [row.name, row] as const))('%s', (_name, row) => {
  const end = row.ends === true ? 'fin' : 'open';

  test('gives the expected result', async () => {
    const answer = answerOf(row, end);
    expect(summary(judge(answer).verdict)).toBe(row.gives);
    expect(summary(await observe(answer))).toBe(row.gives);
  });

  test('gives the same in two pieces, split anywhere, and in single bytes', async () => {
    await eachOf(positions(row), (at) => expectVerdict(answerOf(row, end), { split: [at] }));
    await expectVerdict(answerOf(row, end), { split: row.stream.length < 5000 ? 'bytes' : 8192 });
  });

  test.each(['fin', 'reset', 'open'] as const)(
    'gives the result of what is left, truncated anywhere: %s',
    async (cut) => {
      // Without an end, most of them wait for a timeout, so some positions are enough.
      const where = positions(row).filter((at) => cut !== 'open' || at % 4 === 0);
      await eachOf(where, (at) => expectVerdict(answerOf(row, cut, at)));
    },
  );
});

describe('over TCP', () => {
  const rows = ANSWERS.filter(({ tcp }) => tcp === true);
  /** The target of each request says how to respond: the row, how much of it, and how the stream ends. */
  const server = createServer((socket) => {
    let request = '';
    socket.on('error', () => undefined);
    socket.setEncoding('latin1').on('data', (text: string) => {
      request += text;
      const [, index, length, end] = /^\S+ \/(\d+)\/(\d+)\/(\w+) [^]*\r\n\r\n$/.exec(request) ?? [];
      if (index !== undefined) play(socket, rows[Number(index)]!.stream.slice(0, Number(length)), end!);
    });
  });

  function play(socket: Socket, stream: string, end: string): void {
    if (end === 'fin') socket.end(stream, 'latin1');
    else
      socket.write(stream, 'latin1', () => {
        socket.resetAndDestroy();
      });
  }

  beforeAll(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)));
  afterAll(() => new Promise((resolve) => server.close(resolve)));

  async function observeSocket(row: Row, target: string): Promise<Verdict> {
    const { port } = server.address() as AddressInfo;
    // Long enough to tell a client that waits for ever from a slow machine.
    const connection = new HTTPConnection('127.0.0.1', port, { timeout: 30_000 });
    const verdict: Verdict = { body: '', ending: 'complete', violations: [], reusable: false };
    const settle = async <T>(call: Promise<T>): Promise<{ value: T } | { error: unknown }> => {
      try {
        return { value: await call };
      } catch (error) {
        return { error };
      }
    };
    await connection.request(row.method ?? 'GET', target);
    const begun = await settle(connection.getResponse());
    if ('error' in begun) verdict.ending = faultOf(begun.error);
    else await readThrough(begun.value, verdict, settle);
    connection.close();
    return verdict;
  }

  test.each(rows.map((row, index) => [row.name, row, index] as const))('%s', async (_name, row, index) => {
    await eachOf(positions(row), async (at) => {
      const verdict = await observeSocket(row, `/${index}/${at}/fin`);
      sameOrThrow(`FIN after ${at} bytes`, verdict, judge(answerOf(row, 'fin', at)).verdict);
    });
    await eachOf(positions(row), async (at) => {
      const verdict = await observeSocket(row, `/${index}/${at}/reset`);
      // The system may discard received bytes when the reset arrives.
      const received = positions(row).filter((length) => length <= at);
      if (!received.some((length) => same(verdict, judge(answerOf(row, 'reset', length)).verdict)))
        throw new Error(`RST after ${at} bytes gives ${JSON.stringify(verdict)}`);
    });
  });
});
