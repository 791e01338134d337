import { decodeLatin1, type Transport } from '@http-client/io';
import { describe, expect, test } from 'vitest';

import { openTunnel } from './index.js';
import { END, Proxy, readAll } from './testdata/proxy.js';

const target = { host: 'destination.com', port: 443 };
const OK = 'HTTP/1.1 200 OK\r\n\r\n';

const bytes = (text: string): Uint8Array => Buffer.from(text, 'latin1');

test('the tunnel is the transport itself if nothing followed the reply', async () => {
  const proxy = new Proxy([OK]);
  expect((await openTunnel(proxy, target)).transport).toBe(proxy);
});

test('the tunnel is the transport itself if it takes back the bytes after the reply', async () => {
  const taken: Uint8Array[] = [];
  const proxy = Object.assign(new Proxy([`${OK}hello`]), {
    unread: (back: Uint8Array) => {
      taken.push(back);
    },
  });
  expect((await openTunnel(proxy, target)).transport).toBe(proxy);
  expect(taken.map((back) => decodeLatin1(back))).toEqual(['hello']);
});

describe('a transport that does not take bytes back', () => {
  async function tunnel(change: Partial<Transport> = {}): Promise<{ proxy: Proxy; transport: Transport }> {
    const proxy = Object.assign(new Proxy([`${OK}hello`, ', world', END]), change);
    const { transport } = await openTunnel(proxy, target);
    expect(transport).not.toBe(proxy);
    return { proxy, transport };
  }

  test('is read after the bytes that came with the reply', async () => {
    const { transport } = await tunnel();
    expect(decodeLatin1((await transport.read())!)).toBe('hello');
    expect(decodeLatin1((await transport.read())!)).toBe(', world');
    expect(await transport.read()).toBeNull();
  });

  test('returns those bytes in an array of about their size', async () => {
    const { transport } = await tunnel();
    const first = (await transport.read())!;
    expect(first.buffer.byteLength).toBeLessThanOrEqual(2 * first.length);
  });

  test('is written to and closed, after which there is nothing to read', async () => {
    const { proxy, transport } = await tunnel();
    await transport.write(bytes('abc'));
    expect(proxy.writes.at(-1)).toBe('abc');
    transport.close();
    expect(proxy.closed).toBe(true);
    expect(await readAll(transport)).toBe('');
  });

  test('passes on the error of a write', async () => {
    const { proxy, transport } = await tunnel();
    const gone = new Error('write EPIPE');
    proxy.onWrite = () => Promise.reject(gone);
    await expect(transport.write(bytes('abc'))).rejects.toBe(gone);
  });

  test.each([
    ['7', { fileno: 7 }, 7],
    ['nothing', {}, -1],
  ])('has its fileno: %s', async (_what, change, expected) => {
    expect((await tunnel(change)).transport.fileno).toBe(expected);
  });

  test('ignores an error of its close, as everywhere', async () => {
    const { transport } = await tunnel({ close: () => Promise.reject(new Error('not now')) as never });
    expect(() => {
      transport.close();
    }).not.toThrow();
  });

  test('writes several arrays at once if it can', async () => {
    expect((await tunnel()).transport).not.toHaveProperty('writev');
    const written: string[] = [];
    const { transport } = await tunnel({
      writev(parts) {
        written.push(parts.map((part) => decodeLatin1(part)).join('|'));
        return Promise.resolve();
      },
    });
    await transport.writev?.([bytes('a'), bytes('b')]);
    expect(written).toEqual(['a|b']);
  });
});
