import type { Body } from './vectors-body.js';
import type { Failure, Head, Result } from './vectors-load.js';
import type { Rule } from './vectors-rules.js';

/** How a response is delivered: in one block, or in several. */
export type Delivery = 'whole' | 'split';

/**
 * A plain model of the reading methods of a response: what each returns of a body that is known in advance. It follows
 * the reference, except for the rules that it names.
 */
export class Reading {
  /** The rules by which the last call may differ from the reference. */
  rules: Rule[] = [];
  closed: boolean;
  /** Whether the body was read to its end, so that the position in the stream is known. */
  get clean(): boolean {
    return this.#rest === '' && this.#body.fate.kind === 'complete' && !this.#failed;
  }

  readonly #body: Body;
  readonly #framing: 'none' | 'length' | 'chunked' | 'close';
  readonly #delivery: Delivery;
  #rest: string;
  #length: number | undefined;
  #failed = false;

  constructor(head: Head, body: Body, delivery: Delivery) {
    this.#body = body;
    this.#rest = body.text;
    this.#length = head.length;
    this.#framing = head.chunked
      ? 'chunked'
      : head.length === undefined
        ? 'close'
        : head.length === 0
          ? 'none'
          : 'length';
    this.#delivery = delivery;
    this.closed = head.closed;
  }

  /** The result of a call. How much `read1` and `peek` return is left open if it depends on how the bytes arrived. */
  step(words: string, actual: Result): Result {
    const [name = '', size] = words.split(' ');
    const amount = size === undefined ? Infinity : Number(size);
    this.rules = this.#failed ? ['rejected'] : [];
    const result = this.#call(name, amount, actual);
    return { result, length: this.#length, closed: this.closed };
  }

  #call(name: string, amount: number, actual: Result): Result['result'] {
    if (amount < 0) {
      this.rules.push('negative');
      return { error: 'RangeError' };
    }
    if (name === 'close') {
      this.closed = true;
      return null;
    }
    if (this.closed) return name === 'lines' ? [] : '';
    switch (name) {
      case 'read':
        return this.#take(amount, amount === Infinity, actual);
      case 'readinto':
        return this.#take(amount, false, actual);
      case 'readline':
        // The reference restarts its count at each chunk that the line passes through.
        if (this.#framing === 'chunked' && amount < Infinity) this.rules.push('limit');
        return this.#line(amount, actual);
      case 'lines':
        return this.#lines(actual);
      case 'read1':
        return this.#some(amount, actual, true);
      default:
        this.rules.push('peek');
        return this.#some(amount, actual, false);
    }
  }

  #lines(actual: Result): string[] | Failure {
    const lines: string[] = [];
    for (;;) {
      const line = this.closed ? '' : this.#line(Infinity, actual);
      if (typeof line !== 'string') return line;
      if (line === '') return lines;
      lines.push(line);
    }
  }

  #line(limit: number, actual: Result): string | Failure {
    const lf = this.#rest.indexOf('\n');
    return this.#take(Math.min(lf < 0 ? Infinity : lf + 1, limit), false, actual);
  }

  /** Exactly `count` bytes. If they are not available, the result depends on what comes instead. */
  #take(count: number, whole: boolean, actual: Result): string | Failure {
    // Nothing was requested, so nothing is waited for.
    if (count === 0) {
      if (this.#framing === 'chunked') this.rules.push('closed');
      return '';
    }
    if (count <= this.#rest.length) {
      if (this.#body.fate.kind !== 'complete') this.rules.push("next call's fault");
      return this.#consume(count, actual);
    }
    const { fate } = this.#body;
    if (fate.kind === 'complete') {
      const taken = this.#rest;
      this.#consume(taken.length, actual);
      // The reference closes a body that extends to the end of the stream only when a call finds nothing at all.
      if (this.#framing !== 'close' || whole || taken === '') this.closed = true;
      return taken;
    }
    if (fate.kind === 'missing' && this.#framing === 'length' && !whole) {
      const taken = this.#rest;
      this.#consume(taken.length, actual);
      if (taken === '') this.closed = true;
      return taken;
    }
    return this.#fail();
  }

  /** The available bytes, up to an amount; `take` is false for `peek`. */
  #some(amount: number, actual: Result, take: boolean): string | Failure {
    if (amount === 0) {
      if (this.#framing === 'chunked') this.rules.push('closed');
      return '';
    }
    if (this.#rest === '') {
      const { kind } = this.#body.fate;
      const over = kind === 'complete' || (kind === 'missing' && this.#framing === 'length');
      if (!over) return this.#fail();
      if (take || this.#framing === 'chunked') this.closed = true;
      return '';
    }
    let count = Math.min(amount, this.#rest.length);
    // The reference stops at the end of a chunk, and both stop at the end of what has arrived.
    if (this.#framing === 'chunked' || this.#delivery === 'split') {
      this.rules.push('open');
      const given = typeof actual.result === 'string' ? actual.result.length : 0;
      if (given > 0 && given < count) count = given;
    }
    return take ? this.#consume(count, actual) : this.#rest.slice(0, count);
  }

  #consume(count: number, actual: Result): string {
    const taken = this.#rest.slice(0, count);
    this.#rest = this.#rest.slice(count);
    if (this.#length !== undefined) this.#length -= count;
    if (this.clean && this.#framing !== 'close') {
      this.rules.push('closed');
      // In several blocks, the end of the chunks may arrive later than the last of their data.
      const { fate } = this.#body;
      const late = this.#delivery === 'split' || (fate.kind === 'complete' && fate.late);
      this.closed = this.#framing !== 'chunked' || !late || actual.closed;
    }
    return taken;
  }

  #fail(): Failure {
    const { fate } = this.#body;
    if (fate.kind === 'silence' || fate.kind === 'complete') {
      this.#length = undefined;
      return { waits: true };
    }
    this.closed = true;
    this.#failed = true;
    const partial = this.#rest;
    this.#rest = '';
    this.rules.push('rejected');
    if (fate.kind === 'refused' && fate.error !== 'IncompleteRead') {
      if (fate.error === 'TooManyHeaders') this.rules.push('trailer bound');
      return { error: fate.error };
    }
    this.rules.push('partial');
    // No chunk size is accepted if the stream has ended.
    if (fate.kind === 'refused' || fate.expected === undefined) this.rules.push('chunk size');
    const failure: Failure = { error: 'IncompleteRead', partial };
    if (fate.kind === 'missing' && fate.expected !== undefined) {
      this.rules.push('expected');
      failure.expected = fate.expected;
    }
    if (this.#length !== undefined && fate.kind === 'missing') {
      this.rules.push('length');
      this.#length = fate.expected;
    }
    return failure;
  }
}
