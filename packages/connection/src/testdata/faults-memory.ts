import { HTTPConnection, type RequestBody } from '../index.js';

// A client that transfers a large body in one direction, and reports how much memory it held meanwhile.
//
//     faults-memory <port> <way> <MiB>

/** The most that the process held in addition to what it held before, in bytes. */
export interface Held {
  readonly moved: number;
  readonly rss: number;
  readonly arrayBuffers: number;
  readonly milliseconds: number;
}

const BLOCK = 65_536;
const [port = '', way = '', mebibytes = ''] = process.argv.slice(2);

let peak = process.memoryUsage();
let countdown = 0;

/** Measures only now and then, since that costs more than a block. */
function look(): void {
  if (countdown-- > 0) return;
  countdown = 16;
  const { rss, arrayBuffers } = process.memoryUsage();
  if (rss > peak.rss) peak = { ...peak, rss };
  if (arrayBuffers > peak.arrayBuffers) peak = { ...peak, arrayBuffers };
}

/** Blocks in one reused buffer: it is overwritten as soon as the next one is requested. */
function* blocks(size: number): Generator<Uint8Array, void, void> {
  const block = new Uint8Array(BLOCK);
  for (let number = 0; number < size / BLOCK; number++) {
    block.fill(number);
    yield block;
    look();
  }
}

async function* slowBlocks(size: number): AsyncGenerator<Uint8Array, void, void> {
  for (const block of blocks(size)) {
    await Promise.resolve();
    yield block;
  }
}

const connection = new HTTPConnection('127.0.0.1', Number(port));

async function upload(body: RequestBody, size: number, promised: boolean): Promise<number> {
  const headers = promised ? { 'Content-Length': size } : {};
  await connection.request('PUT', '/', { body, headers });
  const response = await connection.getResponse();
  return Number(await response.text());
}

async function download(size: number, into: boolean): Promise<number> {
  await connection.request('GET', `/${size}`);
  const response = await connection.getResponse();
  let moved = 0;
  if (into) {
    // Of another size than the blocks that arrive: each leaves a rest, with which the next read begins.
    const target = new Uint8Array(50_000);
    for (let count = await response.readInto(target); count > 0; count = await response.readInto(target)) {
      moved += count;
      look();
    }
  } else {
    for await (const block of response) {
      moved += block.length;
      // Each block belongs to the caller, who drops it here. How many are left until they are collected is up to V8
      // (about 32 MiB); what matters is how much is held in addition.
      if (countdown === 0) globalThis.gc?.();
      look();
    }
  }
  return moved;
}

const WAYS: Readonly<Record<string, (size: number) => Promise<number>>> = {
  'an iterable with Content-Length': (size) => upload(blocks(size), size, true),
  'an iterable in chunks': (size) => upload(blocks(size), size, false),
  'an async iterable with Content-Length': (size) => upload(slowBlocks(size), size, true),
  'an async iterable in chunks': (size) => upload(slowBlocks(size), size, false),
  readInto: (size) => download(size, true),
  iteration: (size) => download(size, false),
};

const move = WAYS[way]!;
// What is loaded and compiled on first use does not depend on the size.
await move(2 ** 20);
globalThis.gc?.();
const before = process.memoryUsage();
peak = before;
const begun = performance.now();
const moved = await move(Number(mebibytes) * 2 ** 20);
const held: Held = {
  moved,
  rss: peak.rss - before.rss,
  arrayBuffers: peak.arrayBuffers - before.arrayBuffers,
  milliseconds: performance.now() - begun,
};
connection.close();
process.send?.(held, () => {
  process.disconnect();
});
