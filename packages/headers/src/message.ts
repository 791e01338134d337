import { quote } from '@http-client/errors';

import { FieldBlock, type HeaderDefect, SPAN } from './field-block.js';
import { fieldValue, type HeaderValue, validateHeaderName, validateToken } from './grammar.js';
import { eachField, type HeadersInput, type WebHeaders } from './headers-input.js';
import { showInConsole } from './inspect.js';
import { formatParam, formatParams, type Param, parseParams, unquote } from './params.js';

let isShown = false;

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
  #fields: FieldBlock;

  /**
   * A message of these fields, in their order.
   *
   * @throws TypeError at a name or a value that cannot be sent, and at an entry that is not a pair.
   */
  constructor(fields?: HeadersInput);
  /** @internal What a parser found is taken over as it is. */
  constructor(fields: FieldBlock);
  constructor(fields?: HeadersInput | FieldBlock) {
    isShown ||= show();
    if (fields instanceof FieldBlock) {
      this.#fields = fields;
      return;
    }
    this.#fields = new FieldBlock();
    if (fields === undefined) return;
    eachField(fields, (name, value) => {
      this.append(name, value);
    });
  }

  /** The number of fields, duplicates counted. */
  get size(): number {
    return this.#fields.spans.length / SPAN;
  }

  /** What was wrong with the lines received; filled only where strict is off. */
  get defects(): readonly HeaderDefect[] {
    return this.#fields.defects;
  }

  /** The value of the first field of that name, or the fallback. */
  get(name: string): string | undefined;
  get(name: string, fallback: string): string;
  get(name: string, fallback?: string): string | undefined {
    const span = this.#find(name, 0);
    return span < 0 ? fallback : this.#value(span);
  }

  /** The values of all fields of that name, in their order. */
  getAll(name: string): string[] {
    let span = this.#find(name, 0);
    if (span < 0) return [];
    // Mostly there is one, and an array that begins empty is given room for many.
    const values = [this.#value(span)];
    while ((span = this.#find(name, span + SPAN)) >= 0) values.push(this.#value(span));
    return values;
  }

  /** The values of all Set-Cookie fields, as the web's `Headers` has it: the one field that no comma can join. */
  getSetCookie(): string[] {
    return this.getAll('Set-Cookie');
  }

  /** Whether there is a field of that name, in any case. */
  has(name: string): boolean {
    return this.#find(name, 0) >= 0;
  }

  /** Adds a field behind all others, whether or not there is one of that name. */
  append(name: string, value: HeaderValue): void {
    validateHeaderName(name);
    this.#fields.push(name, fieldValue(name, value));
  }

  /** Replaces all fields of that name by one, in the place of the first; adds it where there is none. */
  set(name: string, value: HeaderValue): void {
    validateHeaderName(name);
    const text = fieldValue(name, value);
    if (!this.#replace(name, [[name, text]])) this.#fields.push(name, text);
  }

  /** Removes all fields of that name; says whether there was one. */
  delete(name: string): boolean {
    return this.#replace(name, []);
  }

  /**
   * Replaces the value of the first field of that name, and keeps its place and the case of its name.
   *
   * @throws RangeError where there is none.
   */
  replaceHeader(name: string, value: HeaderValue): void {
    const text = fieldValue(name, value);
    const fields = this.toJSON();
    const field = fields.find(([other]) => sameName(other, name));
    if (field === undefined) throw new RangeError(`Cannot replace the field ${quote(name)}: there is none`);
    field[1] = text;
    this.#rewrite(fields);
  }

  /**
   * Adds a field with parameters: `_` in their names becomes `-`, an undefined value leaves the name alone, and a value
   * that is not all ASCII is sent in the encoding of RFC 8187.
   *
   * @example
   * headers.addHeader('Content-Disposition', 'attachment', { filename: 'naïve.txt' });
   * // Content-Disposition: attachment; filename*=utf-8''na%C3%AFve.txt
   */
  addHeader(name: string, value: string | undefined, params: Record<string, string | undefined> = {}): void {
    const parts = Object.entries(params).map(([key, text = '']) =>
      formatParam(parameter(key.replaceAll('_', '-'), text)),
    );
    this.append(name, (value === undefined ? parts : [value, ...parts]).join('; '));
  }

  /** Names, as they are at the call: the message may be changed meanwhile. The same holds for values and entries. */
  keys(): IterableIterator<string> {
    return this.toJSON()
      .map(([name]) => name)
      .values();
  }

  /** The values of all fields, in their order. */
  values(): IterableIterator<string> {
    return this.toJSON()
      .map(([, value]) => value)
      .values();
  }

  /** The pairs of name and value, in their order: what a loop over the message gives. */
  entries(): IterableIterator<[string, string]> {
    return this.toJSON().values();
  }

  /** The pairs of name and value, in their order. */
  [Symbol.iterator](): IterableIterator<[string, string]> {
    return this.entries();
  }

  /** The media type in lower case; `'text/plain'` where it is absent or malformed. */
  getContentType(): string {
    const type = beforeParams(this.get('Content-Type'));
    return type?.split('/').length === 2 ? type : 'text/plain';
  }

  /** What stands before the slash of the media type: `'text'` where it is absent or malformed. */
  getContentMainType(): string {
    return this.getContentType().split('/')[0]!;
  }

  /** What stands behind the slash of the media type: `'plain'` where it is absent or malformed. */
  getContentSubtype(): string {
    return this.getContentType().split('/')[1]!;
  }

  /** The charset of Content-Type in lower case, where it is there and all ASCII. */
  getContentCharset(): string | undefined {
    const charset = this.getParam('charset');
    return charset === undefined || /[^\0-\x7f]/.test(charset) ? undefined : charset.toLowerCase();
  }

  /** The first word of Content-Disposition in lower case: `'attachment'`, say. */
  getContentDisposition(): string | undefined {
    return beforeParams(this.get('Content-Disposition'));
  }

  /** The value of a parameter, unquoted and decoded (RFC 2231, RFC 8187); `''` where it has none. */
  getParam(param: string, header = 'Content-Type'): string | undefined {
    return this.#param(param, header)?.value;
  }

  /** All parameters, the first pair being what stands before them: `['text/plain', '']`. */
  getParams(header = 'Content-Type'): [string, string][] | undefined {
    const value = this.get(header);
    return value === undefined ? value : parseParams(value).map(({ name, value }) => [name, value]);
  }

  /**
   * Sets a parameter of a field, in its place; what is not all ASCII in the encoding of RFC 8187. A field that is absent
   * is added, Content-Type as `text/plain`.
   */
  setParam(param: string, value: string, header = 'Content-Type'): void {
    const added = parameter(param, value);
    const text = this.get(header, sameName(header, 'Content-Type') ? 'text/plain' : '');
    const params = parseParams(text);
    const old = params.find(({ name }) => sameName(name, param));
    // As the reference does it: a parameter without a value is not replaced.
    if ((old?.extended ?? old?.value ?? '') === '') {
      this.#update(header, (text === '' ? '' : text + '; ') + formatParam(added));
    } else {
      this.#update(header, formatParams(params.map((own) => (sameName(own.name, param) ? added : own))));
    }
  }

  /** Removes a parameter of a field, however often it stands there. */
  deleteParam(param: string, header = 'Content-Type'): void {
    const text = this.get(header);
    if (text === undefined) return;
    this.#update(header, formatParams(parseParams(text).filter(({ name }) => !sameName(name, param))));
  }

  /** The file name of Content-Disposition, else the `name` of Content-Type. It may be any path: a stranger wrote it. */
  getFilename(): string | undefined {
    return collapse(
      this.#param('filename', 'Content-Disposition') ?? this.#param('name', 'Content-Type'),
    )?.trim();
  }

  /** The boundary of a multipart Content-Type. */
  getBoundary(): string | undefined {
    return collapse(this.#param('boundary', 'Content-Type'))?.trimEnd();
  }

  /** The field lines, each ended by CRLF; without the blank line that ends a block. */
  toString(): string {
    return this.toJSON()
      .map(([name, value]) => `${name}: ${value}\r\n`)
      .join('');
  }

  /** {@link toString} as bytes (ISO-8859-1). */
  toBytes(): Uint8Array {
    return Uint8Array.from(this.toString(), (character) => character.charCodeAt(0));
  }

  /** The names and values as an array of pairs, from which a message can be made again. */
  toJSON(): [string, string][] {
    const { text, spans } = this.#fields;
    // Of its length from the beginning: to push a field takes longer than to make its strings.
    const fields = new Array<[string, string]>(this.size);
    for (let at = 0; at < fields.length; at++) {
      const span = at * SPAN;
      fields[at] = [text.slice(spans[span], spans[span + 1]), text.slice(spans[span + 2], spans[span + 3])];
    }
    return fields;
  }

  /**
   * The fields as the platform's `Headers`, which joins duplicates and loses the case of names.
   *
   * @throws TypeError where the platform has none, or refuses a field.
   */
  toHeaders(): WebHeaders {
    const { Headers } = globalThis as unknown as { Headers: new (fields: [string, string][]) => WebHeaders };
    return new Headers(this.toJSON());
  }

  /** The index of the span of the first field of that name, from span `from` on; below 0 where there is none. */
  #find(name: string, from: number): number {
    const { text, spans } = this.#fields;
    for (let span = from; span < spans.length; span += SPAN) {
      const start = spans[span]!;
      const end = spans[span + 1]!;
      if (end - start !== name.length) continue;
      // Mostly whoever asks writes it as the peer does, and to compare two texts takes less than the loop.
      if (text.slice(start, end) === name || matchesAt(text, start, name)) return span;
    }
    return -1;
  }

  #value(span: number): string {
    const { text, spans } = this.#fields;
    return text.slice(spans[span + 2], spans[span + 3]);
  }

  /** Puts these in the place of the first field of that name, and takes the others out; false where there is none. */
  #replace(name: string, by: [string, string][]): boolean {
    const first = this.#find(name, 0) / SPAN;
    if (first < 0) return false;
    this.#rewrite(
      this.toJSON().flatMap((field, at) => (at === first ? by : sameName(field[0], name) ? [] : [field])),
    );
    return true;
  }

  #rewrite(fields: Iterable<[string, string]>): void {
    this.#fields = new FieldBlock('', [], this.defects);
    for (const [name, value] of fields) this.#fields.push(name, value);
  }

  #param(param: string, header: string): Param | undefined {
    return parseParams(this.get(header, '')).find(({ name }) => sameName(name, param));
  }

  #update(header: string, value: string): void {
    if (value !== this.get(header)) this.set(header, value);
  }
}

/** Outside the class: esbuild renames a class that mentions itself, and `_HTTPMessage` would be its `name`. */
function show(): true {
  return showInConsole(HTTPMessage.prototype);
}

/**
 * Whether `name` stands in `text` at `start`, whatever the case of ASCII letters. Of those alone: U+212A, the Kelvin
 * sign, is no `k`, though toLowerCase says so.
 */
function matchesAt(text: string, start: number, name: string): boolean {
  for (let at = 0; at < name.length; at++) {
    const a = text.charCodeAt(start + at);
    const b = name.charCodeAt(at);
    const letter = a | 0x20;
    if (a !== b && ((a ^ b) !== 0x20 || letter < 0x61 || letter > 0x7a)) return false;
  }
  return true;
}

function sameName(a: string, b: string): boolean {
  return a.length === b.length && matchesAt(a, 0, b);
}

/** What stands before the parameters, in lower case. */
function beforeParams(value: string | undefined): string | undefined {
  return value?.split(';', 1)[0]!.trim().toLowerCase();
}

function parameter(name: string, value: string): Param {
  validateToken(name, 'a parameter name');
  return { name, value };
}

/** File names and boundaries are unquoted once more by the reference, unless they came in the extended form. */
function collapse(param: Param | undefined): string | undefined {
  return param?.extended === undefined ? param && unquote(param.value) : param.value;
}
