import { standIn } from '../harness.js';

interface Realm {
  eval: (code: string) => unknown;
}

/** As much of a page as is needed. */
interface Page {
  createElement(name: 'iframe'): { readonly contentWindow: Realm };
  readonly body: { append(element: object): void };
}

/** A page makes a realm by a frame; a worker cannot, and has its own. */
export function runInNewContext(code: string): unknown {
  const { document: page } = globalThis as { document?: Page };
  if (page === undefined) return standIn('a worker has one realm', () => (globalThis as Realm).eval(code));
  const frame = page.createElement('iframe');
  page.body.append(frame);
  return frame.contentWindow.eval(code);
}
