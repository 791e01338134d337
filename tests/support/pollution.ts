/** Calls `run` while every object has the property (prototype pollution), which the test runner does not expect. */
export function everywhere<T>(name: string, value: unknown, run: () => T): T {
  Object.defineProperty(Object.prototype, name, { value, enumerable: true, configurable: true });
  try {
    return run();
  } finally {
    Reflect.deleteProperty(Object.prototype, name);
  }
}
