import { createReadStream } from 'node:fs';
import { mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { runInNewContext } from 'node:vm';

import { decodeLatin1 } from '@http-client/io';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { encodeBody } from './encode.js';
import { blocksOf, iteratorOf, wrong } from './testdata/bodies.js';

let directory: string;
let path: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'body-'));
  path = join(directory, 'file');
  await writeFile(path, 'x'.repeat(65_536) + 'y'.repeat(70_000));
});
afterAll(() => rm(directory, { recursive: true }));

test('a Readable', async () => {
  expect((await blocksOf(Readable.from(['a', Buffer.from('bc')]))).join('')).toBe('abc');
  // One with an encoding yields text.
  expect((await blocksOf(Readable.from([Buffer.from('abc')]).setEncoding('latin1'))).join('')).toBe('abc');
  expect((await blocksOf(createReadStream(path, { start: 65_535, end: 65_537 }))).join('')).toBe('xyy');
});

test('a FileHandle, from its current position, in blocks of 64 KiB, and it is not closed', async () => {
  const file = await open(path);
  await file.read(new Uint8Array(1), 0, 1, null);
  const blocks = await blocksOf(file, { blockSize: 10 });
  expect(blocks.map((block) => block.length)).toEqual([65_536, 65_536, 4463]);
  expect(blocks.join('')).toBe('x'.repeat(65_535) + 'y'.repeat(70_000));
  expect(await blocksOf(file)).toEqual([]);
  await file.close();
  await expect(blocksOf(file)).rejects.toMatchObject({ code: 'EBADF' });
});

test('the blocks of a FileHandle may be kept by the consumer', async () => {
  const file = await open(path);
  const kept: Uint8Array[] = [];
  for await (const block of encodeBody(file)) kept.push(block);
  expect(decodeLatin1(kept[0]!)).toBe('x'.repeat(65_536));
  await file.close();
});

test.each<[what: string, resume: (stream: PassThrough) => unknown]>([
  ['is resumed, as Node resumes the output of a child process that has exited', (stream) => stream.resume()],
  ['has a listener for its data', (stream) => stream.on('data', () => undefined)],
])('a Readable that %s before it is read loses nothing', async (_what, resume) => {
  for (const isEarly of [true, false]) {
    const stream = new PassThrough();
    stream.end('all of it');
    if (isEarly) resume(stream);
    const iterator = iteratorOf(stream);
    if (!isEarly) resume(stream);
    resume(stream);
    await new Promise(setImmediate);
    expect(await iterator.next()).toMatchObject({ value: Buffer.from('all of it') });
    expect(await iterator.next()).toMatchObject({ done: true });
  }
});

test('the error of a Readable is passed on unchanged', async () => {
  const failure = new Error('of the source');
  const broken = new Readable({
    read: () => {
      throw failure;
    },
  });
  expect(await blocksOf(broken).catch((error: unknown) => error)).toBe(failure);
});

test('a Readable may fail before it is read: that does not end the process, and the read rejects', async () => {
  const missing = createReadStream(join(directory, 'missing'));
  const iterator = iteratorOf(missing);
  // It may be passed again, if no connection could be opened.
  iteratorOf(missing);
  expect(missing.listenerCount('error')).toBe(1);
  await new Promise<void>((resolve) => missing.once('close', resolve));
  await expect(iterator.next()).rejects.toMatchObject({ code: 'ENOENT' });
  // And if the failure is already known, it is refused at once.
  expect(() => encodeBody(missing)).toThrow(expect.objectContaining({ code: 'ENOENT' }) as Error);
});

test('so is one that has failed with an error of another realm, as Node’s own are in Jest', () => {
  const foreign = runInNewContext("new Error('no such file')") as Error;
  const failed = new Readable().on('error', () => undefined).destroy(foreign);
  expect(() => encodeBody(failed)).toThrow(foreign);
});

test.each<[what: string, make: () => Promise<Readable>, why: string]>([
  [
    'has been read',
    async () => {
      const read = Readable.from(['all of it']);
      await blocksOf(read);
      return read;
    },
    'it has been read already',
  ],
  [
    'a parser has consumed',
    async () => {
      const passed = new PassThrough();
      passed.resume().end('all of it');
      await finished(passed);
      return passed;
    },
    'it has been read already',
  ],
  [
    'is being read by a listener',
    async () => {
      const flowing = new PassThrough();
      flowing.on('data', () => undefined).write('a part of it');
      await new Promise(setImmediate);
      return flowing;
    },
    'it is being read',
  ],
  ['has been destroyed', () => Promise.resolve(new PassThrough().destroy()), 'it has been destroyed'],
])('a Readable that %s is not an empty body', async (_what, make, why) => {
  const gone = await make();
  expect(() => encodeBody(gone)).toThrow(
    new TypeError(`Cannot send a ${gone.constructor.name} as a body: ${why}`),
  );
});

test('a Readable that yields nothing is an empty body, even if its end has already arrived', async () => {
  const ended = new PassThrough();
  ended.end();
  await new Promise(setImmediate);
  expect(await blocksOf(ended)).toEqual([]);
});

test('a stream from before async iterators is refused: its read() returns null while nothing has arrived', () => {
  const old = { read: () => null, pipe: () => undefined };
  expect(() => encodeBody(wrong(old))).toThrow(/^Cannot send an Object as a body: /);
});

test('stopping early destroys a Readable, even while a block is pending', async () => {
  const silent = new Readable({ read: () => undefined });
  const iterator = iteratorOf(silent);
  const pending = iterator.next();
  await iterator.return?.();
  expect(silent.destroyed).toBe(true);
  expect(await pending).toEqual({ done: true, value: undefined });

  const busy = new Readable({ read: () => undefined });
  busy.push('a');
  const second = iteratorOf(busy);
  await second.next();
  await second.return?.();
  expect(busy.destroyed).toBe(true);
});
