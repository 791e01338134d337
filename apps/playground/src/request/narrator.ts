import type { Output } from '../io.js';

/** Writes what is told while an exchange goes on. Whoever brings more bytes waits until it is `settled`. */
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

  /** Settles when the system has taken all that was told; rejects where it could not be written. */
  async settled(): Promise<void> {
    await this.#last;
    if (this.#failure !== undefined) throw this.#failure.error;
  }
}
