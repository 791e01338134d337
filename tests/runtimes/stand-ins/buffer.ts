class Bytes extends Uint8Array<ArrayBuffer> {}

/** For tests that only need a subclass of `Uint8Array`. */
export const Buffer = {
  from(source: string | ArrayBuffer | ArrayLike<number>, offset?: number, length?: number): Uint8Array {
    if (typeof source === 'string') return Bytes.from(new TextEncoder().encode(source));
    return source instanceof ArrayBuffer ? new Bytes(source, offset, length) : Bytes.from(source);
  },
};
