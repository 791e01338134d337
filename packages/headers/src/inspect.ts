import { basePrototype } from './base-prototype.js';

/** Node's symbol for the method that determines how the console shows an object; Bun and Deno use it too. */
const INSPECT = /* @__PURE__ */ Symbol.for('nodejs.util.inspect.custom');

/** What is shown: the pairs of a message. */
interface Pairs {
  toJSON(): [string, string][];
}

type Inspect = (value: unknown, options: unknown) => string;

/**
 * Makes the console show messages as `HTTPMessage { Host: 'example.org' }`, with the values of one name in a list: it
 * cannot see private fields. Called with the first message. A method of that name in the class would keep the class in
 * every bundle that imports anything from this package, since bundlers must assume that creating a symbol has side
 * effects; so would, with webpack, a function that both names the class and is called by it.
 */
export function showInConsole(message: Pairs): true {
  // Not Object.defineProperty, which would throw if somebody has frozen the prototype.
  Reflect.defineProperty(basePrototype(message), INSPECT, {
    configurable: true,
    value(this: Pairs, depth: number, options: unknown, inspect: Inspect): string {
      if (depth < 0) return '[HTTPMessage]';
      const fields = new Map<string, string[]>();
      for (const [name, value] of this.toJSON()) {
        if (!fields.get(name)?.push(value)) fields.set(name, [value]);
      }
      const shown = Array.from(fields, ([name, values]) => [name, values.length === 1 ? values[0] : values]);
      return `HTTPMessage ${inspect(Object.fromEntries(shown), options)}`;
    },
  });
  return true;
}
