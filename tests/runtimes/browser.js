// Runs the tests of the platform-independent packages in Chromium, in a page and in a worker.

import { createServer } from 'node:http';

import { startBrowser } from '../support/chromium.js';
import { bundleTests } from './bundle.js';
import { faultsOf } from './left-out.js';

/** @typedef {import('./harness.js').Outcome} Outcome */

/** Milliseconds for the page to load: only if it hangs, it takes that long. */
const PATIENCE = 120_000;

/** @returns {Promise<{ version: string; results: (Outcome & { where: string })[] }>} */
export async function inBrowser() {
  const { script, leftOut } = await bundleTests();
  const server = await serve(script);
  try {
    const { context, close } = await startBrowser();
    context.setDefaultNavigationTimeout(PATIENCE);
    try {
      const version = context.browser()?.version() ?? 'of unknown version';
      // Both at the same time, which halves the duration: a worker is a separate thread.
      const results = await Promise.all(
        ['page', 'worker'].map(async (where) => {
          const page = await context.newPage();
          await page.goto(server.address);
          /** @type {Outcome} */
          const outcome = await page.evaluate(where === 'page' ? 'run()' : 'runInWorker()');
          const unforeseen = faultsOf(where, [...leftOut, ...outcome.leftOut]);
          return { ...outcome, where, failed: [...outcome.failed, ...unforeseen] };
        }),
      );
      return { version, results };
    } finally {
      await close();
    }
  } finally {
    server.close();
  }
}

const PAGE = `<!doctype html><title>tests</title><body><script>
const load = (element) => new Promise((done, fail) => { element.onload = done; element.onerror = fail; });
async function run() {
  const script = Object.assign(document.createElement('script'), { src: 'suite.js' });
  const loaded = load(script);
  document.body.append(script);
  await loaded;
  return outcome;
}
const runInWorker = () => new Promise((done, fail) => {
  const worker = new Worker('suite.js');
  worker.onmessage = ({ data }) => done(data);
  worker.onerror = ({ message }) => fail(new Error(message));
});
</script>`;

/** @param {string} script */
async function serve(script) {
  const server = createServer(({ url }, response) => {
    const isScript = url === '/suite.js';
    response.writeHead(200, {
      'Content-Type': isScript ? 'text/javascript; charset=utf-8' : 'text/html; charset=utf-8',
      // SharedArrayBuffer exists only with these two.
      'Cross-Origin-Opener-Policy': 'same-origin',
      'Cross-Origin-Embedder-Policy': 'require-corp',
    });
    response.end(isScript ? script : PAGE);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  return { address: `http://127.0.0.1:${port}/`, close: () => server.close() };
}
