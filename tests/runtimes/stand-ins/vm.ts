import { standIn } from '../harness.js';

interface Realm {
  eval: (code: string) => unknown;
}

/** The part of a page that is used. */
interface Page {
  createElement(name: 'iframe'): { readonly contentWindow: Realm };
  readonly body: { append(element: object): void };
}

/** In a page, a frame has another realm. A worker has only its own. */
export function runInNewContext(code: string): unknown {
  const { document: page } = globalThis as { document?: Page };
  if (page === undefined) return standIn('a worker has one realm', () => (globalThis as Realm).eval(code));
  const frame = page.createElement('iframe');
  page.body.append(frame);
  return frame.contentWindow.eval(code);
}
