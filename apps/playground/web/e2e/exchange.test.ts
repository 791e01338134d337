import { expect, test } from 'vitest';

import { ROUTES } from '../../src/serve/api.js';
import { serve } from '../../src/testing/servers.js';
import { inChromium } from './page.js';

await inChromium('an exchange', (stage) => {
  test('is composed, and stepped through while the state follows', async () => {
    const play = await stage().open();
    await play.page.getByLabel('Method').fill('POST');
    await play.page.getByLabel('Target', { exact: true }).fill('/a/path?and=query');
    await play.button('+ Add a header field').click();
    await play.page.getByLabel('Name of header field 2').fill('X-Mine');
    await play.page.getByLabel('Value of header field 2').fill('a value');
    await play.page.getByRole('textbox', { name: 'Body' }).fill('the body');

    const states: [string, string | null][] = [];
    for (let step = 0; step < 8; step++) {
      const name = await play.button(/^Next:/).textContent();
      await play.next();
      states.push([/\w+(?=\()/.exec(name ?? '')?.[0] ?? '', await play.state.textContent()]);
    }
    expect(states).toEqual([
      ['putRequest', 'Request-started'],
      ['putHeader', 'Request-started'],
      ['putHeader', 'Request-started'],
      ['putHeader', 'Request-started'],
      ['endHeaders', 'Request-sent'],
      ['send', 'Request-sent'],
      ['getResponse', 'Unread-response'],
      ['read', 'Idle'],
    ]);
    const body = await play.page.getByLabel('Body', { exact: true }).last().textContent();
    expect(body).toContain('You asked for POST /a/path?and=query');
    expect(body).toContain('X-Mine: a value');
    expect(body).toContain('The body had 8 bytes.');
  });

  test('shows every byte with its part, as text and as hex', async () => {
    const play = await stage().open();
    await play.aim('trailers');
    await play.run();
    const wire = play.section('On the wire');
    const parts = await wire.getByRole('list').nth(2).locator('.part').allTextContents();
    expect(parts[0]).toBe('status-line');
    expect(parts.slice(-3)).toEqual(['trailer', 'trailer', 'blank-line']);
    expect(await wire.getByRole('list', { name: 'Legend' }).textContent()).toContain('chunk-size');
    // No line break after the last byte of a part.
    expect(await wire.locator('.part-header .control', { hasText: '\\n' }).count()).toBeGreaterThan(0);
    expect(await wire.locator('.part-header br').count()).toBe(0);
    await wire.getByLabel('hex').check();
    expect(await wire.locator('.hex-line').first().textContent()).toMatch(
      /^000000 ?47 45 54 20 2f 20 48 54 54 50 2f 31 2e 31 0d 0a ?GET \/ HTTP\/1\.1··$/,
    );
    // Every byte is there.
    const digits = (await wire.locator('.received .digits').allTextContents()).join(' ').split(' ');
    expect(String.fromCharCode(...digits.map((each) => parseInt(each, 16)))).toMatch(
      /^HTTP\/1\.1 200 OK\r\n.*\r\n0\r\nX-Lines: 2\r\nServer-Timing: total;dur=12\r\n\r\n$/s,
    );
  });

  test.each([
    ['truncated', 'GET', ['closed before its end', 'Nothing of the body has been read.']],
    ['odd-chunk-size', 'GET', ['the connection closes', 'Nothing of the body has been read.']],
    ['plain', 'HEAD', ['read to its end', 'the connection stays', 'There is no body.']],
  ])('shows how the body of a response ended: %s, %s', async (server, method, says) => {
    const play = await stage().open();
    await play.aim(server);
    await play.page.getByLabel('Method').fill(method);
    await play.run();
    const text = await play.section('The response').textContent();
    for (const each of says) expect(text).toContain(each);
  });

  test('a call out of order is an error that says which calls are legal, and changes nothing', async () => {
    const play = await stage().open();
    const endHeaders = play.page
      .getByRole('group', { name: 'Any call' })
      .getByRole('button', { name: /^endHeaders/ });
    expect(await endHeaders.textContent()).toContain('out of order now');
    await endHeaders.click();
    await play.settled();
    const calls = await play.section('Calls').textContent();
    expect(calls).toContain('CannotSendHeader');
    expect(calls).toContain('legal now: request, putRequest, close');
    expect(await play.state.textContent()).toBe('Idle');
    await play.next();
    expect(await play.state.textContent()).toBe('Request-started');
  });

  // For each server: the status or the error, and a part of the body or the explanation.
  const SERVERS: readonly (readonly [server: string, result: string, detail: string])[] = [
    ['plain', '200', 'You asked for GET /'],
    ['chunked', '200', 'A body in chunks'],
    ['trailers', '200', 'follows the body'],
    ['early-hints', '200', 'The hints came before'],
    ['slow', '200', 'or so.'],
    ['continue', '200', 'The body had'],
    ['early-413', '413', 'Too much'],
    ['poisoned', '200', 'This is the response.'],
    ['truncated', 'IncompleteRead', 'truncated-body'],
    ['conflicting-lengths', 'InvalidHeader', 'conflicting-content-length'],
    ['folded', '200', 'ok'],
    ['space-before-colon', 'InvalidHeader', 'space-before-colon'],
    ['no-colon', 'InvalidHeader', 'malformed-field-line'],
    ['bare-cr', 'InvalidHeader', 'bare-cr'],
    ['length-and-chunked', '200', 'hello'],
    ['odd-chunk-size', 'InvalidChunk', 'invalid-chunk-size'],
    ['unterminated-chunk', 'InvalidChunk', 'missing-chunk-crlf'],
    ['lf-chunks', 'InvalidChunk', 'bare-lf-in-chunks'],
    ['script', '200', '<script>'],
    ['tls', '200', 'You asked for GET /'],
    ['tls-expired', 'CERT_HAS_EXPIRED', 'has expired'],
    ['tls-other-name', 'ERR_TLS_CERT_ALTNAME_INVALID', 'another host'],
    ['tls-self-signed', 'DEPTH_ZERO_SELF_SIGNED_CERT', 'no authority vouches'],
  ];

  test('with each test server shows what that is for', async () => {
    const play = await stage().open();
    await play.page.getByLabel(/all in one/).check();
    for (const [server, result, detail] of SERVERS) {
      await play.aim(server);
      await play.run();
      const isError = !/^\d/.test(result);
      const [what, why] = isError
        ? [
            play.section('Calls').locator('.explanation p').first(),
            play.section('Calls').locator('.explanation'),
          ]
        : [
            play.section('The response').locator('.status strong'),
            play.section('The response').locator('pre'),
          ];
      expect([server, await what.textContent()]).toEqual([server, expect.stringContaining(result)]);
      // The rule that caused an error is looked up asynchronously.
      await why.filter({ hasText: detail }).waitFor();
    }
  });

  test('every test server is among those', async () => {
    const play = await stage().open();
    const names = await play
      .choice('Server')
      .locator('option')
      .evaluateAll((options) => options.map((option) => option.getAttribute('value')));
    expect(names.sort()).toEqual([...SERVERS.map(([server]) => server), 'other'].sort());
  });

  test('goes through the proxy that requires credentials, with TLS in the tunnel, and shows how long each phase took', async () => {
    const play = await stage().open();
    await play.aim('tls');
    await play.page.locator('summary', { hasText: 'Connection' }).click();
    await play.choice('Proxy (CONNECT)').selectOption('proxy');
    await play.run();
    expect(await play.section('Time').getByRole('term').allTextContents()).toEqual([
      'connect',
      'tunnel',
      'TLS',
      'send',
      'wait',
      'body',
    ]);
    const wire = await play.section('On the wire').textContent();
    expect(wire).toContain('407 Proxy Authentication Required');
    expect(wire).toContain('Sent to the proxy');
  });

  test('is shown live: a slow body appears while it arrives, and closing ends it', async () => {
    const play = await stage().open();
    await play.page.getByLabel(/all in one/).check();
    await play.aim('other');
    // Without an end: however long the page takes, the call waits.
    const url = await serve((_, response) => void response.write('begun'));
    await play.page.getByRole('textbox', { name: 'URL of the server' }).fill(url);
    await play.next();
    await play.next();
    await play.button(/^Next: read/).click();
    await play.section('On the wire').getByText('begun').waitFor();
    expect(await play.section('Calls').textContent()).toContain('waits…');
    await play.page.getByRole('group', { name: 'Any call' }).getByRole('button', { name: 'close' }).click();
    await play.settled();
    expect(await play.section('Calls').textContent()).toContain('was closed');
    expect(await play.state.textContent()).toBe('Idle');
  });

  test('can be repeated on the same connection, and on a new one after starting over', async () => {
    const play = await stage().open();
    await play.run();
    await play.button('Once more, on this connection').click();
    await play.run();
    expect(await play.section('On the wire').getByText('request-line').count()).toBe(3);
    await play.button('Start over').click();
    expect(await play.section('On the wire').count()).toBe(0);
    expect(await play.state.textContent()).toBe('Idle');
  });

  test('what is clicked while the connection is still being prepared is neither lost nor invisible', async () => {
    const play = await stage().open();
    const { page } = play;
    let open!: () => void;
    const opened = new Promise<void>((resolve) => (open = resolve));
    await page.route(`**${ROUTES.sessions}`, async (route) => {
      await opened;
      await route.continue();
    });
    const call = (name: string) =>
      page.getByRole('group', { name: 'Any call' }).getByRole('button', { name, exact: true });
    await call('connect').click();
    await play.button('Start over').click();
    await call('connect').click();
    await call('putRequest').click();
    open();
    await play.settled();
    expect(await play.section('Calls').getByRole('listitem').allTextContents()).toEqual([
      expect.stringMatching(/^connection\.connect\(\)connected/),
      expect.stringMatching(/^connection\.putRequest\('GET', '\/'\)begun/),
    ]);
    expect(await play.state.textContent()).toBe('Request-started');
  });

  test('a call that is overtaken by starting over is no trouble', async () => {
    const play = await stage().open();
    const { page } = play;
    await play.next();
    let go!: () => void;
    const gone = new Promise<void>((resolve) => (go = resolve));
    await page.route(`**${ROUTES.call}`, async (route) => {
      await gone;
      // As the server does, which does not know the session any more.
      await route.fulfill({ status: 400, body: 'there is no such session' });
    });
    const asked = page.waitForRequest(`**${ROUTES.call}`);
    const refused = page.waitForResponse(`**${ROUTES.call}`);
    await play.button(/^Next:/).click();
    await asked;
    await play.button('Start over').click();
    go();
    await refused;
    await play.settled();
    expect(await page.getByRole('alert').count()).toBe(0);
  });

  test('any host can be used', async () => {
    const url = await serve((_, response) => response.end('from a server of the test'));
    const play = await stage().open();
    await play.aim('other');
    await play.page.getByLabel('URL of the server').fill(url);
    await play.run();
    expect(await play.section('The response').textContent()).toContain('from a server of the test');
  });

  test('an invalid server is refused with the reason', async () => {
    const play = await stage().open();
    await play.aim('other');
    await play.page.getByLabel('URL of the server').fill('ftp://example.org');
    await play.run();
    expect(await play.page.getByRole('alert').textContent()).toContain('ftp');
  });
});
