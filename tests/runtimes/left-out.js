// The packages' tests that cannot run in a browser: how many, by file and reason. Any other skipped test is a fault,
// and so is a test listed here that runs.

/** Files that need these modules, for which there is no stand-in. */
const WHOLE = {
  'packages/status/src/bundle.test.ts: node:url, node:zlib, esbuild': 1,
  'packages/errors/src/bundle.test.ts: node:url, esbuild': 1,
  'packages/headers/src/large.test.ts: node:buffer': 1,
  'packages/headers/src/retained.test.ts: node:v8': 1,
  'packages/body/src/sources-node.test.ts: node:fs/promises, node:os, node:path, node:stream/promises': 1,
};

const TESTS = {
  'packages/status/src/table.test.ts: there are no files': 1,
  'packages/errors/src/exceptions.test.ts: node:util shows it': 1,
};

/** @type {Record<string, Record<string, number>>} */
const LEFT_OUT = {
  page: {
    ...WHOLE,
    ...TESTS,
    'packages/io/src/source.test.ts: there is no Readable': 12,
  },
  worker: {
    ...WHOLE,
    ...TESTS,
    'packages/errors/src/arguments.test.ts: a worker has one realm': 1,
    'packages/io/src/any-transport.test.ts: a worker has one realm': 1,
    'packages/headers/src/grammar.test.ts: a worker has one realm': 1,
    // One of these tests needs both.
    'packages/io/src/source.test.ts: there is no Readable': 11,
    'packages/io/src/source.test.ts: a worker has one realm': 8,
  },
};

/**
 * @param {string} where
 * @param {readonly string[]} leftOut the skipped tests, by file and reason
 * @returns {string[]} how they differ from the list above
 */
export function faultsOf(where, leftOut) {
  /** @type {Record<string, number>} */
  const found = {};
  for (const each of leftOut) found[each] = (found[each] ?? 0) + 1;
  const expected = LEFT_OUT[where] ?? {};
  return Object.keys({ ...expected, ...found }).flatMap((each) => {
    const [wanted = 0, got = 0] = [expected[each], found[each]];
    return wanted === got ? [] : [`skipped ${got} times, expected ${wanted} times (left-out.js): ${each}`];
  });
}
