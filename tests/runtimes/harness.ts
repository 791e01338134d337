import { chai, JestAsymmetricMatchers, JestChaiExpect, JestExtend } from '@vitest/expect';

// What the packages' tests use of vitest, for where vitest does not run: its own matchers, and the tests one after the
// other. It is put in vitest's place when the tests are bundled.

chai.use(JestExtend);
chai.use(JestChaiExpect);
chai.use(JestAsymmetricMatchers);
export const expect: unknown = chai.expect;

// Chromium has none yet; the tests make streams by it.
const streams = ReadableStream as {
  from?: (blocks: Iterable<unknown> | AsyncIterable<unknown>) => ReadableStream;
};
streams.from ??= (blocks) => {
  const iterator: Iterator<unknown> | AsyncIterator<unknown> =
    Symbol.asyncIterator in blocks ? blocks[Symbol.asyncIterator]() : blocks[Symbol.iterator]();
  return new ReadableStream(
    {
      async pull(controller) {
        const next = await iterator.next();
        if (next.done === true) controller.close();
        else controller.enqueue(next.value);
      },
      async cancel(reason) {
        await iterator.return?.(reason);
      },
    },
    { highWaterMark: 0 },
  );
};

type Body = (...args: never[]) => unknown;
type Declare = (name: string, body: Body) => void;

/** What came of all tests: each failure, with the test's name; for each test that needs what is not here, its file and that. */
export interface Outcome {
  passed: number;
  failed: string[];
  leftOut: string[];
}

/** Thrown by what stands for something that there is not, and leaves the test out. */
export class NotHere extends Error {}

const tests: { file: string; name: string; body: () => unknown }[] = [];
let path: string[] = [];
let running = false;

function within(name: string, body: () => void): void {
  const outer = path;
  path = [...outer, name];
  body();
  path = outer;
}

/** As `vitest` has it: a row that is an array is spread over the arguments. */
function withEach(declare: Declare): Declare & { each: (rows: readonly unknown[]) => Declare } {
  return Object.assign(declare, {
    each:
      (rows: readonly unknown[]): Declare =>
      (name, body) => {
        for (const [index, row] of rows.entries()) {
          const args: unknown[] = Array.isArray(row) ? row : [row];
          declare(`${name} [${index}]`, () => (body as (...args: unknown[]) => unknown)(...args));
        }
      },
  });
}

export const describe = withEach((name, body) => {
  within(name, body);
});
export const test = withEach((name, body) => {
  tests.push({ file: path[0] ?? '', name: [...path, name].join(' > '), body });
});

/** What is told by types is told by the compiler: here it is let pass, whatever is called on it. */
export function expectTypeOf(): unknown {
  const anything: unknown = new Proxy(() => undefined, { get: () => anything, apply: () => anything });
  return anything;
}

/** Puts the tests of one file under its name. */
export function inFile(name: string, load: () => void): void {
  within(name, load);
}

/** What a stand-in gives: nothing in a test, which is left out; for a table of tests, what will do for its other rows. */
export function standIn<T>(what: string, otherwise: () => T): T {
  if (running) throw new NotHere(what);
  return otherwise();
}

export async function run(): Promise<Outcome> {
  running = true;
  const outcome: Outcome = { passed: 0, failed: [], leftOut: [] };
  for (const { file, name, body } of tests) {
    try {
      await body();
      outcome.passed++;
    } catch (error) {
      if (error instanceof NotHere) outcome.leftOut.push(`${file}: ${error.message}`);
      else
        outcome.failed.push(
          `${name}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
        );
    }
  }
  return outcome;
}
