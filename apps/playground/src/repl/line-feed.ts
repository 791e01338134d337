import { createInterface } from 'node:readline';
import { PassThrough } from 'node:stream';

/**
 * Input that is not a terminal, line by line: the next one comes when the one before has been evaluated. Node's prompt holds
 * a terminal back while it awaits, but not a pipe.
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
