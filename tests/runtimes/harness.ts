import { chai, JestAsymmetricMatchers, JestChaiExpect, JestExtend } from '@vitest/expect';

// Replaces vitest where it does not run: the part that the packages' tests use, with vitest's own matchers. Tests run
// one after the other. The bundler substitutes this module for `vitest`.

chai.use(JestExtend);
chai.use(JestChaiExpect);
chai.use(JestAsymmetricMatchers);
export const expect: unknown = chai.expect;

// Chromium does not have ReadableStream.from yet, which the tests use.
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

/** The result of all tests. */
export interface Outcome {
  passed: number;
  /** Each with its name and the error. */
  failed: string[];
  /** The skipped tests: the file of each, and what it needs that is not available. */
  leftOut: string[];
}

/** Thrown by the stand-in for something that is not available: the test is skipped. */
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

/** Adds `each`, which works like vitest's: a row that is an array is spread over the arguments. */
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

/** The compiler checks types: here every call on the result is accepted. */
export function expectTypeOf(): unknown {
  const anything: unknown = new Proxy(() => undefined, { get: () => anything, apply: () => anything });
  return anything;
}

/** Groups the tests of one file under its name. */
export function inFile(name: string, load: () => void): void {
  within(name, load);
}

/**
 * Skips the test if called within one. While tests are declared, returns a substitute, so that a table can be built.
 */
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
