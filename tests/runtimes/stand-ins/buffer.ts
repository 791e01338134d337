/** For tests that only want bytes of a class that is derived from `Uint8Array`. */
export class Buffer extends Uint8Array<ArrayBufferLike> {
  static override from(
    source: string | ArrayBufferLike | ArrayLike<number>,
    offset?: unknown,
    length?: unknown,
  ): Buffer {
    if (typeof source === 'string') return new Buffer(new TextEncoder().encode(source));
    if ('byteLength' in source && !('length' in source)) {
      return new Buffer(source, offset as number | undefined, length as number | undefined);
    }
    return new Buffer(source as ArrayLike<number>);
  }
}
