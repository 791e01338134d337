import type { Output } from '../io.js';

/** Writes messages during an exchange. Before more bytes are read or sent, `settled` must be awaited: back-pressure. */
export class Narrator {
  readonly #output: Output;
  #last: Promise<void> = Promise.resolve();
  #failure: { readonly error: unknown } | undefined;

  constructor(output: Output) {
    this.#output = output;
  }

  tell(text: string): void {
    if (text === '') return;
    this.#last = this.#output.write(text).catch((error: unknown) => {
      this.#failure ??= { error };
    });
  }

  /** Settles when the system has accepted all messages; rejects if one could not be written. */
  async settled(): Promise<void> {
    await this.#last;
    if (this.#failure !== undefined) throw this.#failure.error;
  }
}
