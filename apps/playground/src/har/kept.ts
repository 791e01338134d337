/** The most bytes of one body that are kept: 8 MiB. An archive is built in memory before it is written. */
const MOST = 8_388_608;

/** An observed body: all of it is counted, and its beginning kept. */
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

  /** A note if not all of it was kept. */
  get comment(): string | undefined {
    return this.size > MOST ? `the first ${MOST} of ${this.size} bytes` : undefined;
  }
}
