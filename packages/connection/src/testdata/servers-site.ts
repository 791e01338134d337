import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** 20 MB in which no two blocks are alike. */
export const LARGE = randomBytes(20_000_000);

export const FILES = {
  'hello.txt': new TextEncoder().encode('Hello, world!\n'),
  'empty.txt': new Uint8Array(0),
  'large.bin': LARGE,
} as const;

/** A folder with the files to serve, and one to upload to. */
export class Site {
  readonly folder = mkdtempSync(join(tmpdir(), 'servers-'));

  constructor() {
    for (const [name, bytes] of Object.entries(FILES)) writeFileSync(join(this.folder, name), bytes);
    mkdirSync(join(this.folder, 'upload'));
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

export function checksum(...blocks: readonly Uint8Array[]): string {
  const hash = createHash('sha256');
  for (const block of blocks) hash.update(block);
  return hash.digest('hex');
}

/** The same bytes each time: the generator of Marsaglia, "Xorshift RNGs". */
function randomBytes(length: number): Uint8Array {
  const words = new Uint32Array(length / 4);
  let word = 2_463_534_242;
  for (let index = 0; index < words.length; index++) {
    word ^= word << 13;
    word ^= word >>> 17;
    word ^= word << 5;
    words[index] = word;
  }
  return new Uint8Array(words.buffer);
}
