import { createInterface } from 'node:readline';
import { PassThrough } from 'node:stream';

/**
 * Passes on input that is not a terminal one line at a time, each once the previous one has been evaluated. While
 * Node's prompt awaits, it pauses a terminal, but not a pipe.
 */
export class LineFeed {
  readonly input = new PassThrough();
  readonly #lines: AsyncIterator<string>;

  constructor(source: NodeJS.ReadableStream) {
    this.#lines = createInterface({ input: source, crlfDelay: Infinity })[Symbol.asyncIterator]();
  }

  next(): void {
    void this.#lines.next().then(({ done, value }) => {
      if (done === true) this.input.end();
      else this.input.write(`${value}\n`);
    });
  }
}
