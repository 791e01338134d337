/** Node's name for the method by which an object says how the console shows it; Bun and Deno ask for it, too. */
const INSPECT = /* @__PURE__ */ Symbol.for('nodejs.util.inspect.custom');

/** What is shown: the pairs of a message. */
interface Pairs {
  toJSON(): [string, string][];
}

type Inspect = (value: unknown, options: unknown) => string;

/**
 * Has the console show a message as `HTTPMessage { Host: 'example.org' }`, with the values of one name in a list: it sees
 * no private field. Done when the first message is made. A method of that name in the class would keep the class in
 * every bundle that takes anything of this package, since no bundler knows what to make a symbol does besides.
 */
export function showInConsole(prototype: Pairs): true {
  // Of a prototype that somebody has frozen nothing is wanted.
  Reflect.defineProperty(prototype, INSPECT, {
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
