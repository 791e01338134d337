/** Pseudo-random numbers, the same each time for one seed (mulberry32). */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = Math.imul(seed + 1, 0x9e3779b1);
  }

  /** A whole number from 0 to `bound`, exclusive. */
  below(bound: number): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let value = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value;
    return ((value ^ (value >>> 14)) >>> 0) % bound;
  }

  chance(percent: number): boolean {
    return this.below(100) < percent;
  }

  pick<T>(items: readonly [T, ...T[]]): T {
    return items[this.below(items.length)] ?? items[0];
  }
}

/** The bytes of a body, by the number of its request: no two are the same. */
export function bodyOf(number: number, salt: string): Uint8Array {
  const random = new Random(number * 2 + salt.length);
  const length = random.pick([0, 1, 100, 1000, 20_000]) + random.below(50);
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; at++) bytes[at] = random.below(256);
  return bytes;
}

/** What goes wrong with a response. */
export type Fault =
  | 'none'
  | 'reset'
  | 'fin'
  | 'stall'
  | 'garbage'
  | 'bad chunk'
  | 'extra'
  | 'early'
  | 'early and close'
  | 'closes after'
  | 'resets after';

/** How the server treats the request with this number. */
export interface Plan {
  readonly fault: Fault;
  readonly framing: 'length' | 'chunked' | 'close';
  readonly interim: number;
  /** Turns of the event loop before the response. */
  readonly delay: number;
  /** Bytes per write; there is a turn between two writes. */
  readonly piece: number;
  /** Where a reset, a FIN or a stall occurs, in thousandths of the response. */
  readonly at: number;
}

const FAULTS = [
  ...Array.from({ length: 30 }, () => 'none' as const),
  ...(['reset', 'reset', 'reset', 'reset', 'fin', 'fin', 'fin', 'fin', 'garbage', 'garbage'] as const),
  ...(['bad chunk', 'bad chunk', 'extra', 'extra', 'extra', 'early', 'early'] as const),
  ...(['early and close', 'early and close', 'closes after', 'closes after', 'resets after'] as const),
] as unknown as readonly [Fault, ...Fault[]];

/**
 * The plan for a request. `pipelined`: another request may be sent before its response is read. Bytes after that
 * response then count as the next one's, and nobody can tell.
 */
export function planOf(number: number, pipelined: boolean): Plan {
  const random = new Random(number);
  const fault = random.below(200) === 0 ? 'stall' : random.pick(FAULTS);
  const framing =
    fault === 'bad chunk'
      ? 'chunked'
      : random.pick<Plan['framing']>(['length', 'length', 'chunked', 'chunked', 'close']);
  // A body without a length ends where the stream ends: truncation there, or bytes after it, cannot be noticed.
  const hidden =
    framing === 'close'
      ? ['fin', 'early and close', 'extra'].includes(fault)
      : pipelined && fault === 'extra';
  return {
    fault: hidden ? 'none' : fault,
    framing,
    interim: random.pick([0, 0, 0, 1, 2]),
    delay: random.pick([0, 0, 1, 3]),
    piece: random.pick([1_000_000, 1_000_000, 5000, 700, 200]),
    at: random.below(1000),
  };
}

/** A checksum that shows whether bytes arrived unchanged. */
export function sumOf(bytes: Uint8Array): string {
  let sum = bytes.length;
  for (const byte of bytes) sum = (Math.imul(sum, 31) + byte) | 0;
  return sum.toString(16);
}
