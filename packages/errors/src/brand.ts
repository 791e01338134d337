/** What an error class is built from; spelled out because the linter rightly distrusts `Function`. */
interface ErrorClass {
  readonly prototype: Error;
}

/**
 * Gives an error class its name and its `instanceof`, and hands its code back.
 *
 * It is called as the value of a static field and marked as pure there: bundlers drop an unused class together with
 * such a field, which they would not do with a static block or a call behind the class.
 *
 * The name is a string, not the identifier that a minifier shortens, and stands on the prototype, not enumerable, as
 * in the built-in errors: so it is there when the engine writes the first line of `stack`.
 *
 * An application often holds two copies of a package (ESM beside CommonJS, two versions), and an error of one copy is
 * no ordinary instance of the other's class. So `instanceof` looks for a symbol of the global registry, which the
 * prototypes of all copies carry; subclasses inherit those of their ancestors.
 */
export function brand<const Code extends string>(type: ErrorClass, name: string, code: Code): Code {
  const mark = Symbol.for(`@http-client/errors/${name}`);
  const define = Object.defineProperty;
  define(type, 'name', { value: name, configurable: true });
  define(type.prototype, 'name', { value: name, configurable: true, writable: true });
  define(type.prototype, mark, { value: true });
  define(type, Symbol.hasInstance, {
    // A caller's own subclass inherits this function and must not match all instances of its parent.
    value(this: unknown, instance: unknown): boolean {
      return this === type
        ? mark in (Object(instance) as object)
        : Function.prototype[Symbol.hasInstance].call(this as () => void, instance);
    },
  });
  return code;
}
