import { checkObject, quote, quoteValue } from '@http-client/errors';

import { FieldBlock, type HeaderDefect, SPAN } from './field-block.js';
import { checkText, fieldValue, type HeaderValue, validateHeaderName, validateToken } from './grammar.js';
import { eachField, type HeadersInput, type WebHeaders } from './headers-input.js';
import { showInConsole } from './inspect.js';
import { formatParam, formatParams, latin1Bytes, type Param, parseParams, unquote } from './params.js';

let isShown = false;

const PARAMETER_NAME = 'a parameter name';

/** The number of characters beyond its own that a value may retain. Usual heads are hardly longer. */
const RETAINED = 1024;

/**
 * The field lines of a message in order, with their case and duplicates; look-up ignores the case of ASCII letters.
 *
 * Names and values from a caller are validated (see {@link validateHeaderName} and {@link validateHeaderValue}), so
 * that whatever was built can be sent; received ones are as the parser's rules allow.
 *
 * @example
 * const headers = new HTTPMessage({ Accept: ['text/html', 'text/plain'] });
 * headers.get('accept');    // 'text/html'
 * headers.getAll('ACCEPT'); // ['text/html', 'text/plain']
 */
export class HTTPMessage implements Iterable<[string, string]> {
  #fields: FieldBlock;

  /**
   * Creates a message with these fields, in order.
   *
   * @throws TypeError for a name or value that cannot be sent, for an entry that is not a pair, and for anything that
   * cannot hold fields: a promise, for example.
   */
  constructor(fields?: HeadersInput);
  /** @internal Takes over the result of a parser unchanged. */
  constructor(fields: FieldBlock);
  constructor(fields?: HeadersInput | FieldBlock) {
    isShown ||= showInConsole(this);
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

  /** The number of fields, including duplicates. */
  get size(): number {
    return this.#fields.spans.length / SPAN;
  }

  /** What was wrong with the received lines; only filled if strict is off. */
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

  /** The values of all fields of that name, in order. */
  getAll(name: string): string[] {
    let span = this.#find(name, 0);
    if (span < 0) return [];
    // Usually there is one, and an array that starts empty is allocated with room for many.
    const values = [this.#value(span)];
    while ((span = this.#find(name, span + SPAN)) >= 0) values.push(this.#value(span));
    return values;
  }

  /** The values of all Set-Cookie fields, as in the web's `Headers`: the one field that commas cannot join. */
  getSetCookie(): string[] {
    return this.getAll('Set-Cookie');
  }

  /** Whether there is a field of that name, whatever its case. */
  has(name: string): boolean {
    return this.#find(name, 0) >= 0;
  }

  /**
   * Adds a field after all others, whether or not there is one of that name.
   *
   * @throws TypeError for a name or value that cannot be sent.
   */
  append(name: string, value: HeaderValue): void {
    validateHeaderName(name);
    this.#fields.push(name, fieldValue(name, value));
  }

  /**
   * Replaces all fields of that name with one, in the position of the first; adds it if there is none.
   *
   * @throws TypeError for a name or value that cannot be sent.
   */
  set(name: string, value: HeaderValue): void {
    validateHeaderName(name);
    const text = fieldValue(name, value);
    if (!this.#replace(name, [[name, text]])) this.#fields.push(name, text);
  }

  /** Removes all fields of that name; returns whether there was one. */
  delete(name: string): boolean {
    return this.#replace(name, []);
  }

  /**
   * Replaces the value of the first field of that name, and keeps its position and the case of its name.
   *
   * @throws RangeError if there is none, TypeError for a value that cannot be sent.
   */
  replaceHeader(name: string, value: HeaderValue): void {
    const text = fieldValue(name, value);
    const span = this.#find(name, 0);
    if (span < 0) throw new RangeError(`Cannot replace the field ${quoteValue(name)}: there is none`);
    const fields = this.toJSON();
    fields[span / SPAN]![1] = text;
    this.#rewrite(fields);
  }

  /**
   * Adds a field with parameters: `_` in their names becomes `-`, one whose value is undefined is only its name, and a
   * value that is not all ASCII is encoded according to RFC 8187.
   *
   * @throws TypeError for parameters that are not an object, and for a name, value or parameter that cannot be sent.
   *
   * @example
   * headers.addHeader('Content-Disposition', 'attachment', { filename: 'naïve.txt' });
   * // Content-Disposition: attachment; filename*=utf-8''na%C3%AFve.txt
   */
  addHeader(name: string, value: string | undefined, params: Record<string, string | undefined> = {}): void {
    // The characters of a string would become parameters.
    checkObject(params, 'parameters', 'names and values');
    const parts = Object.entries(params).map(([key, text = '']) =>
      formatParam(parameter(key.replaceAll('_', '-'), text)),
    );
    // Validated first: joined, a null would be nothing.
    this.append(name, (value === undefined ? parts : [fieldValue(name, value), ...parts]).join('; '));
  }

  /** The names of all fields, in order, as they are at the call: the message may be changed during the iteration. */
  keys(): IterableIterator<string> {
    return this.toJSON()
      .map(([name]) => name)
      .values();
  }

  /** The values of all fields, in order, as they are at the call. */
  values(): IterableIterator<string> {
    return this.toJSON()
      .map(([, value]) => value)
      .values();
  }

  /** The pairs of name and value, in order, as they are at the call: what a loop over the message yields. */
  entries(): IterableIterator<[string, string]> {
    return this.toJSON().values();
  }

  /** The pairs of name and value, in order. */
  [Symbol.iterator](): IterableIterator<[string, string]> {
    return this.entries();
  }

  /** The media type in lower case; `'text/plain'` if it is absent or malformed. */
  getContentType(): string {
    const type = beforeParams(this.get('Content-Type'));
    return type?.split('/').length === 2 ? type : 'text/plain';
  }

  /** The part of the media type before the slash; `'text'` if it is absent or malformed. */
  getContentMainType(): string {
    return this.getContentType().split('/')[0]!;
  }

  /** The part of the media type after the slash; `'plain'` if it is absent or malformed. */
  getContentSubtype(): string {
    return this.getContentType().split('/')[1]!;
  }

  /** The charset of Content-Type in lower case, if it is present and all ASCII. */
  getContentCharset(): string | undefined {
    const charset = this.getParam('charset');
    return charset === undefined || /[^\0-\x7f]/.test(charset) ? undefined : charset.toLowerCase();
  }

  /** The value of Content-Disposition before its parameters, in lower case: `'attachment'`, for example. */
  getContentDisposition(): string | undefined {
    return beforeParams(this.get('Content-Disposition'));
  }

  /** The value of a parameter, unquoted and decoded (RFC 2231, RFC 8187); `''` if it has none. */
  getParam(param: string, header = 'Content-Type'): string | undefined {
    return this.#param(param, header)?.value;
  }

  /** All parameters; the first pair is the text before them: `['text/plain', '']`. */
  getParams(header = 'Content-Type'): [string, string][] | undefined {
    const value = this.get(header);
    return value === undefined ? value : parseParams(value).map(({ name, value }) => [name, value]);
  }

  /**
   * Sets a parameter of a field, and keeps its position; a value that is not all ASCII is encoded according to RFC
   * 8187. A field that is absent is added, Content-Type as `text/plain`. As in Python, a parameter without a value is
   * not replaced, but added once more after it, and `getParam` still returns `''`: `deleteParam` removes it first.
   *
   * @throws TypeError for a name that is not a token, and for a value that is not a string or cannot be sent.
   */
  setParam(param: string, value: string, header = 'Content-Type'): void {
    const added = parameter(param, value);
    const text = this.get(header, sameName(header, 'Content-Type') ? 'text/plain' : '');
    const params = parseParams(text);
    const old = params.find(({ name }) => sameName(name, param));
    if ((old?.extended ?? old?.value ?? '') === '') {
      this.#update(header, (text === '' ? '' : text + '; ') + formatParam(added));
    } else {
      this.#update(header, formatParams(params.map((own) => (sameName(own.name, param) ? added : own))));
    }
  }

  /**
   * Removes all occurrences of a parameter of a field.
   *
   * @throws TypeError if what is left of the value cannot be sent: it may have been received with `strict: false`.
   */
  deleteParam(param: string, header = 'Content-Type'): void {
    checkText(param, PARAMETER_NAME);
    const left = parseParams(this.get(header, '')).filter(({ name }) => !sameName(name, param));
    this.#update(header, formatParams(left));
  }

  /** The file name of Content-Disposition, else the `name` of Content-Type. It is untrusted, and may be any path. */
  getFilename(): string | undefined {
    return collapse(
      this.#param('filename', 'Content-Disposition') ?? this.#param('name', 'Content-Type'),
    )?.trim();
  }

  /** The boundary of a multipart Content-Type. */
  getBoundary(): string | undefined {
    return collapse(this.#param('boundary', 'Content-Type'))?.trimEnd();
  }

  /** The field lines, each ending in CRLF, without the blank line that ends a block. */
  toString(): string {
    return this.toJSON()
      .map(([name, value]) => `${name}: ${value}\r\n`)
      .join('');
  }

  /** {@link toString} as bytes (ISO-8859-1). */
  toBytes(): Uint8Array {
    return latin1Bytes(this.toString());
  }

  /** The names and values as an array of pairs, from which the message can be created again. */
  toJSON(): [string, string][] {
    const { text, spans } = this.#fields;
    // Allocated at its full length: pushing a field takes longer than creating its strings.
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
   * @throws TypeError if the platform has none, or rejects a field.
   */
  toHeaders(): WebHeaders {
    const { Headers } = globalThis as unknown as { Headers: new (fields: [string, string][]) => WebHeaders };
    return new Headers(this.toJSON());
  }

  /** The index of the span of the first field of that name, from span `from` on; negative if there is none. */
  #find(name: string, from: number): number {
    checkText(name, 'a field name');
    const { text, spans } = this.#fields;
    for (let span = from; span < spans.length; span += SPAN) {
      const start = spans[span]!;
      const end = spans[span + 1]!;
      if (end - start !== name.length) continue;
      // Usually the caller writes the name as the peer does, and comparing two strings takes less than the loop.
      if (text.slice(start, end) === name || matchesAt(text, start, name)) return span;
    }
    return -1;
  }

  #value(span: number): string {
    const { text, spans } = this.#fields;
    const value = text.slice(spans[span + 2], spans[span + 3]);
    // In engines a slice refers to the whole text: a program that stores one field of each response, such as ETag,
    // would store all the heads. This is the shortest way to a copy in each of them; a concatenation is none in
    // JavaScriptCore.
    return text.length - value.length > RETAINED ? (JSON.parse(JSON.stringify(value)) as string) : value;
  }

  /** Puts these in the position of the first field of that name, and removes the others; false if there is none. */
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
    checkText(param, PARAMETER_NAME);
    return parseParams(this.get(header, '')).find(({ name }) => sameName(name, param));
  }

  /** Sets a field if its value has changed: one that is absent counts as empty, and is not added for nothing. */
  #update(header: string, value: string): void {
    if (value !== this.get(header, '')) this.set(header, value);
  }
}

/**
 * Whether `name` is at `start` in `text`, ignoring the case of ASCII letters. Only of those: U+212A, the Kelvin sign,
 * is not a `k`, although toLowerCase makes it one.
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

/** The text before the parameters, in lower case. */
function beforeParams(value: string | undefined): string | undefined {
  return value?.split(';', 1)[0]!.trim().toLowerCase();
}

function parameter(name: string, value: string): Param {
  validateToken(name, PARAMETER_NAME);
  checkText(value, `the parameter ${quote(name)}`);
  return { name, value };
}

/** The reference unquotes file names and boundaries a second time, unless they were received in the extended form. */
function collapse(param: Param | undefined): string | undefined {
  return param?.extended === undefined ? param && unquote(param.value) : param.value;
}
