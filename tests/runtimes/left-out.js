// What of the packages' tests cannot run in a browser, by file and reason, and in how many tests. Whatever else is left
// out is a fault, and so is what stands here and runs.

/** The file needs these, and there is nothing like them. */
const WHOLE = {
  'packages/status/src/bundle.test.ts: node:url, node:zlib, esbuild': 1,
  'packages/errors/src/bundle.test.ts: node:url, esbuild': 1,
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
    // One needs both.
    'packages/io/src/source.test.ts: there is no Readable': 11,
    'packages/io/src/source.test.ts: a worker has one realm': 8,
  },
};

/**
 * @param {string} where
 * @param {readonly string[]} leftOut by file and reason, too
 * @returns {string[]} what is not as it stands above
 */
export function faultsOf(where, leftOut) {
  /** @type {Record<string, number>} */
  const found = {};
  for (const each of leftOut) found[each] = (found[each] ?? 0) + 1;
  const expected = LEFT_OUT[where] ?? {};
  return Object.keys({ ...expected, ...found }).flatMap((each) => {
    const [wanted = 0, got = 0] = [expected[each], found[each]];
    return wanted === got ? [] : [`left out ${got} times, and ${wanted} times by left-out.js: ${each}`];
  });
}
