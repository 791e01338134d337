import { Readable } from 'node:stream';
import { expect, test } from 'vitest';

import { ByteReader, type ConnectTarget } from './index.js';

test('smoke', async () => {
  const signal: ConnectTarget['signal'] = AbortSignal.timeout(10000);
  expect(signal?.aborted).toBe(false);
  const r = new ByteReader(Readable.from([Buffer.from('abc\nd'), Buffer.from('ef')]));
  expect(await r.readLine()).toEqual(new Uint8Array([97, 98, 99, 10]));
  expect(await r.read()).toEqual(new Uint8Array([100, 101, 102]));
  const s = new ByteReader(new Blob(['hello']).stream());
  expect(await s.read(2)).toHaveLength(2);
  expect(await s.read1()).toHaveLength(3);
  const t0 = performance.now();
  const big = await new ByteReader((function* () { for (let i = 0; i < 1e6; i++) yield new Uint8Array(1); })()).read();
  console.log(performance.now() - t0, big.length);
  const t1 = performance.now();
  const big2 = await new ByteReader((async function* () { for (let i = 0; i < 1e7; i++) yield new Uint8Array(1); })()).readLine();
  console.log(performance.now() - t1, big2.length);
});
