/** Bytes of one body that are kept, at most: 8 MiB. An archive is text in memory before it is a file. */
const MOST = 8_388_608;

/** A body as it goes by: counted whole, and kept as far as there is room. */
export class Kept {
  #blocks: Uint8Array[] = [];
  #room = MOST;
  size = 0;

  push(block: Uint8Array): void {
    this.size += block.length;
    if (this.#room === 0) return;
    const kept = block.subarray(0, this.#room);
    this.#blocks.push(kept);
    this.#room -= kept.length;
  }

  get bytes(): Uint8Array {
    return Buffer.concat(this.#blocks);
  }

  /** What to say where it is not all there. */
  get comment(): string | undefined {
    return this.size > MOST ? `the first ${MOST} of ${this.size} bytes` : undefined;
  }
}
