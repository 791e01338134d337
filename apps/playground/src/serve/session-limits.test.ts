import { describe, expect, onTestFinished, test, vi } from 'vitest';

import {
  errorOf,
  EXCHANGE,
  startPlayground,
  usePlayground,
  type TestPlayground,
} from '../testing/playground.js';
import { serveRaw } from '../testing/servers.js';
import { LIMITS, type Limits } from './limits.js';

const playground = usePlayground();

describe('limits', () => {
  test('an endless response ends the session', async () => {
    const server = await serveRaw((socket) => {
      const block = Buffer.alloc(64 * 1024, 'x');
      const more = (): void => {
        while (!socket.destroyed && socket.write(block));
      };
      socket.on('drain', more).write('HTTP/1.1 200 OK\r\n\r\n');
      more();
    });
    const session = await playground().open({ server });
    const outcome = session.calls(...EXCHANGE);
    expect(await session.told(({ type }) => type === 'ended')).toMatchObject({
      why: expect.stringContaining('8 MiB') as string,
    });
    await expect(outcome).rejects.toThrow('8 MiB');
    const kept = session.wire.reduce((sum, { data }) => sum + data.length, 0);
    expect(kept).toBeLessThanOrEqual(LIMITS.wire);
  });

  test('a response with very many chunks is reported in part', async () => {
    const chunks = '1\r\nx\r\n'.repeat(LIMITS.wireItems);
    const server = await serveRaw((socket) => {
      socket.end(`HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${chunks}0\r\n\r\n`);
    });
    const session = await playground().open({ server });
    expect(await session.calls(...EXCHANGE)).toMatchObject({ ok: true });
    expect(session.wire.length).toBe(LIMITS.wireItems);
    expect(session.view?.untold).toBeGreaterThan(2 * LIMITS.wireItems);
    expect(session.view?.response?.bodySize).toBe(LIMITS.wireItems);
  });

  test('calls up to the limit are all made, even while one waits', async () => {
    const session = await playground().open({ server: await serveRaw(() => undefined) });
    await session.call({ call: 'request', method: 'GET', target: '/', headers: [] });
    const waiting = session.call({ call: 'getResponse' });
    await session.told((update) => update.type === 'call' && update.record.call === 'getResponse');
    // The first call waits; the connection refuses the others at once.
    const others = Array.from({ length: LIMITS.pendingCalls - 1 }, () =>
      session.call({ call: 'putRequest', method: 'GET', target: '/' }),
    );
    for (const outcome of await Promise.all(others)) expect(errorOf(outcome)).toBe('CannotSendRequest');
    expect(await session.call({ call: 'close' })).toMatchObject({ ok: true });
    expect(errorOf(await waiting)).toBe('HTTPException');
  });

  async function playgroundWith(limits: Partial<Limits>): Promise<TestPlayground> {
    const limited = await startPlayground(limits);
    onTestFinished(limited.close);
    return limited;
  }

  test('too many calls under way, and too many in total, are refused', async () => {
    const { open } = await playgroundWith({ pendingCalls: 1, calls: 3 });
    const session = await open({ server: await serveRaw(() => undefined) });
    await session.call({ call: 'request', method: 'GET', target: '/', headers: [] });
    void session.call({ call: 'getResponse' });
    await session.told((update) => update.type === 'call' && update.record.call === 'getResponse');
    await expect(session.call({ call: 'close' })).rejects.toThrow('had 2 calls, of which 1 are under way');

    const other = await open({});
    for (let count = 0; count < 3; count++)
      expect(await other.call({ call: 'close' })).toMatchObject({ ok: true });
    await expect(other.call({ call: 'close' })).rejects.toThrow('had 3 calls, of which 0 are under way');
  });

  test('a call that takes too long ends its session, and closes the connection', async () => {
    const { open } = await playgroundWith({ callTime: 1500 });
    let closed: (() => void) | undefined;
    const gone = new Promise<void>((resolve) => (closed = resolve));
    const server = await serveRaw((socket) => {
      // Each wait is short, but the head never ends.
      const timer = setInterval(() => socket.write('x'), 10);
      socket.resume().on('close', () => {
        clearInterval(timer);
        closed?.();
      });
      socket.write('HTTP/1.1 200 OK\r\nX: ');
    });
    const session = await open({ server, timeout: 1500 });
    await session.call({ call: 'request', method: 'GET', target: '/', headers: [] });
    const why = 'getResponse took longer than 1.5 seconds';
    await expect(session.call({ call: 'getResponse' })).rejects.toThrow(why);
    expect(session.updates.at(-1)).toEqual({ type: 'ended', why });
    await gone;
  });

  test('a session without calls is ended, and one with calls is not', async () => {
    // The time passes by hand: on a busy machine, a session with calls may be idle for long, too.
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] });
    onTestFinished(() => {
      vi.useRealTimers();
    });
    const { open } = await playgroundWith({ idleTime: 1000 });
    const [idle, used] = [await open({}), await open({})];
    for (let time = 0; time < 1500; time += 500) {
      vi.advanceTimersByTime(500);
      expect(await used.call({ call: 'close' })).toMatchObject({ ok: true });
    }
    const end = idle.told(({ type }) => type === 'ended');
    expect(await end).toMatchObject({ why: expect.stringContaining('nothing was called') as string });
    expect(await used.call({ call: 'close' })).toMatchObject({ ok: true });
    await expect(idle.call({ call: 'close' })).rejects.toThrow('no such session');
  });

  test('a page that does not read its updates loses its session, and the connection is closed', async () => {
    const { open } = await playgroundWith({ unread: 1024 * 1024 });
    let closed: (() => void) | undefined;
    const gone = new Promise<void>((resolve) => (closed = resolve));
    const server = await serveRaw((socket) => {
      socket.resume().on('close', () => closed?.());
      // Each view contains the body again, with six characters for each byte: that soon fills the system's buffers.
      socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${LIMITS.shownBody}\r\n\r\n`);
      socket.write(Buffer.alloc(LIMITS.shownBody));
    });
    const session = await open({ server });
    await session.calls(...EXCHANGE);
    session.pause();
    const callOn = async (): Promise<never> => {
      for (;;) await session.begin({ call: 'read' });
    };
    await expect(callOn()).rejects.toThrow('no such session');
    await gone;
    expect(session.updates).not.toContainEqual(expect.objectContaining({ type: 'ended' }));
    session.resume();
    const why = 'the page does not read its updates';
    expect(await session.told(({ type }) => type === 'ended')).toEqual({ type: 'ended', why });
  });

  test('too many sessions end the one that was not used for the longest time', async () => {
    const sessions = [];
    for (let count = 0; count <= LIMITS.sessions; count++) sessions.push(await playground().open({}));
    expect(await sessions[0]!.told(({ type }) => type === 'ended')).toMatchObject({
      why: expect.stringContaining('another page') as string,
    });
    await expect(sessions[0]!.call({ call: 'connect' })).rejects.toThrow('no such session');
    expect(await sessions[1]!.call({ call: 'connect' })).toMatchObject({ ok: true });
  });

  test('closing the page ends its session, and closes the connection', async () => {
    let closed: (() => void) | undefined;
    const gone = new Promise<void>((resolve) => (closed = resolve));
    const server = await serveRaw((socket) => socket.resume().on('close', () => closed?.()));
    const session = await playground().open({ server });
    await session.call({ call: 'request', method: 'GET', target: '/', headers: [] });
    session.leave();
    await gone;
  });
});
