/**
 * Gives an error class its name and its `instanceof`, and returns its code: `HTTP_` and the name in capitals, unless
 * the system has a code for the same event.
 *
 * It is called as the value of a static field and marked as pure there: bundlers drop an unused class together with
 * such a field, which they would not do with a static block or a call behind the class. The class is handed over in a
 * function, since `this` as an argument is an effect to Rolldown, and the class's own name one to Rollup.
 *
 * The name is a string, not the identifier that a minifier shortens, and stands on the prototype, not enumerable, as
 * in the built-in errors: so it is there when the engine writes the first line of `stack`.
 *
 * An application often holds two copies of a package (ESM beside CommonJS, two versions), and an error of one copy is
 * no ordinary instance of the other's class. So `instanceof` looks for a symbol of the global registry, which the
 * prototypes of all copies carry; subclasses inherit those of their ancestors.
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
