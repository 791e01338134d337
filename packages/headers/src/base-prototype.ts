/**
 * The prototype of the class at the top of an object's hierarchy, the last before Object.prototype.
 *
 * @internal
 */
export function basePrototype(object: object): object {
  const above = Object.getPrototypeOf(object) as object;
  return Object.getPrototypeOf(above) === null ? object : basePrototype(above);
}
