/**
 * Gives an error class its name and its `instanceof`, and returns its code: `HTTP_` and the name in upper case, or the
 * system's code for the same event.
 *
 * Called in the initialiser of a static field, and marked as pure there: bundlers drop an unused class that has such a
 * field, but not one with a static block or with a call after the class. The class is passed in a function, because
 * Rolldown treats `this` as an argument as a side effect, and Rollup the class's own name.
 *
 * The name is a string, since a minifier shortens identifiers. It is a non-enumerable property of the prototype, as in
 * the built-in errors, so it is set before the first line of any `stack` is composed.
 *
 * An application often contains two copies of a package (ESM and CommonJS, two versions), and an error from one copy is
 * not an ordinary instance of the other's class. So `instanceof` looks for a symbol from the global registry, which the
 * prototypes in all copies have; subclasses inherit the symbols of their ancestors.
 */
export function brand(
  self: () => { readonly prototype: Error },
  name: string,
  code = `HTTP_${name.replace(/\B[A-Z]+/g, '_$&').toUpperCase()}`,
): string {
  const type = self();
  const mark = Symbol.for(`@http-client/${name}`);
  const define = Object.defineProperties;
  const named = { value: name, configurable: true, writable: true };
  define(type.prototype, { name: named, [mark]: {} });
  define(type, {
    name: named,
    [Symbol.hasInstance]: {
      // A caller's own subclass inherits this function, and must not match every instance of its parent.
      value(this: unknown, instance: unknown): boolean {
        return this === type
          ? mark in (Object(instance) as object)
          : Error[Symbol.hasInstance].call(this as () => void, instance);
      },
    },
  });
  return code;
}
