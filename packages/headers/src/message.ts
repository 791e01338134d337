import { quote } from '@http-client/errors';
import { encodeLatin1 } from '@http-client/io';

import { FieldBlock, type HeaderDefect } from './field-block.js';
import { FieldList } from './field-list.js';
import { fieldValue, type HeaderValue, validateHeaderName } from './grammar.js';
import { entriesOf, type HeadersInput, type WebHeaders } from './headers-input.js';

/**
 * The field lines of a message, in their order, with their case and their duplicates; look-up ignores the case of
 * ASCII letters.
 *
 * Names and values that a caller gives are validated (see {@link validateHeaderName} and {@link validateHeaderValue}),
 * so that whatever was built can be sent; received ones are as the parser's rules let them be.
 *
 * @example
 * const headers = new HTTPMessage({ Accept: ['text/html', 'text/plain'] });
 * headers.get('accept');    // 'text/html'
 * headers.getAll('ACCEPT'); // ['text/html', 'text/plain']
 */
export class HTTPMessage implements Iterable<[string, string]> {
  /** What was wrong with the lines received; filled only where strict is off. */
  readonly defects: readonly HeaderDefect[];
  #fields: FieldBlock | FieldList;

  /** @throws TypeError at a name or a value that cannot be sent, and at an entry that is no pair. */
  constructor(fields?: HeadersInput) {
    if (fields instanceof FieldBlock) {
      this.#fields = fields;
      this.defects = fields.defects;
      return;
    }
    this.#fields = new FieldList();
    this.defects = [];
    if (fields !== undefined) for (const [name, value] of entriesOf(fields)) this.append(name, value);
  }

  /** The number of fields, duplicates counted. */
  get size(): number {
    return this.#fields.size;
  }

  /** The value of the first field of that name, or the fallback. */
  get(name: string): string | undefined;
  get(name: string, fallback: string): string;
  get(name: string, fallback?: string): string | undefined {
    const index = this.#fields.find(name, 0);
    return index < 0 ? fallback : this.#fields.valueAt(index);
  }

  /** The values of all fields of that name, in their order. */
  getAll(name: string): string[] {
    const values: string[] = [];
    const fields = this.#fields;
    for (let at = fields.find(name, 0); at >= 0; at = fields.find(name, at + 1))
      values.push(fields.valueAt(at));
    return values;
  }

  /** The values of all Set-Cookie fields, as the web's `Headers` has it: the one field that no comma can join. */
  getSetCookie(): string[] {
    return this.getAll('Set-Cookie');
  }

  has(name: string): boolean {
    return this.#fields.find(name, 0) >= 0;
  }

  /** Adds a field behind all others, whether or not there is one of that name. */
  append(name: string, value: HeaderValue): void {
    validateHeaderName(name);
    const text = fieldValue(name, value);
    this.#own().push(name, text);
  }

  /** Replaces all fields of that name by one, in the place of the first; adds it where there is none. */
  set(name: string, value: HeaderValue): void {
    validateHeaderName(name);
    const text = fieldValue(name, value);
    const fields = this.#own();
    const first = fields.find(name, 0);
    if (first < 0) {
      fields.push(name, text);
    } else {
      fields.replace(first, name, text);
      fields.remove(name, first + 1);
    }
  }

  /** Removes all fields of that name; says whether there was one. */
  delete(name: string): boolean {
    const first = this.#fields.find(name, 0);
    if (first >= 0) this.#own().remove(name, first);
    return first >= 0;
  }

  /**
   * Replaces the value of the first field of that name, and keeps its place and the case of its name.
   *
   * @throws RangeError where there is none.
   */
  replaceHeader(name: string, value: HeaderValue): void {
    const text = fieldValue(name, value);
    const index = this.#fields.find(name, 0);
    if (index < 0) throw new RangeError(`Cannot replace the field ${quote(name)}: there is none`);
    this.#own().replace(index, this.#fields.nameAt(index), text);
  }

  keys(): IterableIterator<string> {
    return this.toJSON()
      .map(([name]) => name)
      .values();
  }

  values(): IterableIterator<string> {
    return this.toJSON()
      .map(([, value]) => value)
      .values();
  }

  /** Names and values, as they are at the call: the message may be changed meanwhile. */
  entries(): IterableIterator<[string, string]> {
    return this.toJSON().values();
  }

  [Symbol.iterator](): IterableIterator<[string, string]> {
    return this.entries();
  }

  /** The field lines, each ended by CRLF; without the blank line that ends a block. */
  toString(): string {
    return this.toJSON()
      .map(([name, value]) => `${name}: ${value}\r\n`)
      .join('');
  }

  /** {@link toString} as bytes (ISO-8859-1). */
  toBytes(): Uint8Array {
    return encodeLatin1(this.toString());
  }

  /** The names and values as an array of pairs, from which a message can be made again. */
  toJSON(): [string, string][] {
    const fields = this.#fields;
    return Array.from({ length: fields.size }, (_, at) => [fields.nameAt(at), fields.valueAt(at)]);
  }

  /**
   * The fields as the platform's `Headers`, which joins duplicates and loses the case of names.
   *
   * @throws TypeError where the platform has none, or refuses a field.
   */
  toHeaders(): WebHeaders {
    const { Headers } = globalThis as { Headers?: new (fields: [string, string][]) => WebHeaders };
    if (Headers === undefined) throw new TypeError('Cannot make a Headers object: the platform has none');
    return new Headers(this.toJSON());
  }

  /** The fields in the form that can be changed. */
  #own(): FieldList {
    if (this.#fields instanceof FieldBlock) this.#fields = FieldList.from(this.#fields);
    return this.#fields;
  }
}
