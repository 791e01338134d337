import { standIn } from '../harness.js';

export const Readable = {
  from: (blocks: Iterable<unknown>): AsyncIterable<unknown> =>
    standIn('there is no Readable', () => ReadableStream.from(blocks)),
};
