import { decodeLatin1, encodeLatin1, type Transport } from '@http-client/io';

/** The stream ends, as by a FIN. */
export const END = null;

/** What a proxy does next: sends bytes in one block, closes, or breaks the connection. After the last it is silent. */
export type Step = string | Uint8Array | typeof END | Error;

/** An error like one of the system's. */
export function systemError(syscall: string, code: string): Error {
  return Object.assign(new Error(`${syscall} ${code}`), { code, syscall });
}

export const RESET = systemError('read', 'ECONNRESET');

/** A transport to a proxy in memory, which replies to what is written to it and records it. */
export class Proxy implements Transport {
  readonly writes: string[] = [];
  closed = false;
  /** What a write does, if it does not simply succeed. */
  onWrite: () => Promise<void> = () => Promise.resolve();

  readonly #answers: (readonly Step[])[];
  #steps: Step[] = [];
  #reader: { resolve: (block: Uint8Array | null) => void; reject: (error: Error) => void } | undefined;

  /** Each write is answered by the next of the lists. */
  constructor(...answers: (readonly Step[])[]) {
    this.#answers = answers;
  }

  read(): Promise<Uint8Array | null> {
    if (this.#reader !== undefined) throw new TypeError('Cannot read: another read is pending');
    return new Promise((resolve, reject) => {
      this.#reader = { resolve, reject };
      this.#play();
    });
  }

  write(data: Uint8Array): Promise<void> {
    this.writes.push(decodeLatin1(data));
    this.push(...(this.#answers.shift() ?? []));
    return this.onWrite();
  }

  /** Appends steps. */
  push(...steps: Step[]): void {
    this.#steps.push(...steps);
    this.#play();
  }

  close(): void {
    this.closed = true;
    this.#steps = [END];
    this.#play();
  }

  #play(): void {
    const reader = this.#reader;
    const step = this.#steps[0];
    if (reader === undefined || step === undefined) return;
    this.#reader = undefined;
    // An end or an error stays in effect for all later reads.
    if (step !== END && !(step instanceof Error)) this.#steps.shift();
    if (step === END) reader.resolve(null);
    else if (step instanceof Error) reader.reject(step);
    else reader.resolve(typeof step === 'string' ? encodeLatin1(step) : step);
  }
}

/** The text in blocks of `size` bytes. */
export function split(text: string, size: number): string[] {
  const blocks: string[] = [];
  for (let at = 0; at < text.length; at += size) blocks.push(text.slice(at, at + size));
  return blocks;
}

/** All that a transport returns up to its end, as text. */
export async function readAll(transport: Transport): Promise<string> {
  let text = '';
  for (let block = await transport.read(); block !== null; block = await transport.read()) {
    text += decodeLatin1(block);
  }
  return text;
}

/** What a promise was rejected with. */
export async function rejection(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error('It was not rejected');
}
