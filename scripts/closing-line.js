/** @typedef {import('vitest/node').Reporter} Reporter */

/**
 * A reporter for vitest that ends the output with one plain line, `123 passed, 0 failed`, for programs that read it. If
 * tests were skipped, the line before says how many. A file that cannot be loaded, a suite whose hooks fail, and an
 * error outside all tests count as failed.
 *
 * @implements {Reporter}
 */
export default class ClosingLine {
  /**
   * @param {readonly import('vitest/node').TestModule[]} modules
   * @param {readonly unknown[]} unhandled
   */
  onTestRunEnd(modules, unhandled) {
    const count = { passed: 0, failed: unhandled.length, skipped: 0, pending: 0 };
    for (const module of modules) {
      count.failed += module.errors().length;
      for (const suite of module.children.allSuites()) count.failed += suite.errors().length;
      for (const test of module.children.allTests()) count[test.result().state]++;
    }
    // A test is pending if the run ended before it did.
    const skipped = count.skipped + count.pending;
    // The coverage table is printed after this call, and this line must be the last one.
    process.once('exit', () => {
      if (skipped > 0) console.log(`${skipped} skipped`);
      console.log(`${count.passed} passed, ${count.failed} failed`);
    });
  }
}
