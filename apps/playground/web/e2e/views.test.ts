import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

import type { Locator, Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';

import { ROUTES } from '../../src/serve/api.js';
import { serve } from '../../src/testing/servers.js';
import { inChromium } from './page.js';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** What axe finds wrong for screen readers and keyboards, each with its place. */
function violations(page: Page): Promise<string[]> {
  // As text, through the debugger: the page itself allows only its own scripts.
  return page.evaluate(`(async () => {
    ${AXE}
    const { violations } = await window.axe.run();
    return violations.flatMap(({ id, nodes }) =>
      nodes.map(({ target, failureSummary }) => [id, target, failureSummary].join(': ')),
    );
  })()`);
}

await inChromium('the page', (stage) => {
  test('is used by keyboard alone, from choosing a server to reading the body', async () => {
    const play = await stage().open();
    const { keyboard } = play.page;
    const focused = (): Promise<string> =>
      play.page.evaluate(
        () => document.activeElement?.closest('label, a, button, summary')?.textContent ?? '',
      );
    const tabTo = async (wanted: RegExp): Promise<void> => {
      for (let presses = 0; presses < 60; presses++) {
        await keyboard.press('Tab');
        if (wanted.test(await focused())) return;
      }
      throw new Error(`Tab never came to ${wanted.source}`);
    };
    await keyboard.press('Tab');
    expect(await focused()).toContain('Skip to the content');
    await keyboard.press('Enter');
    expect(await play.page.evaluate(() => document.activeElement?.id)).toBe('main');

    await tabTo(/^Server/);
    await keyboard.press('ArrowDown');
    expect(await play.choice('Server').inputValue()).toBe('chunked');
    await tabTo(/^Target/);
    await keyboard.press('End');
    await keyboard.type('typed');
    await tabTo(/^Next: putRequest/);
    for (const key of ['Enter', 'Space', 'Enter', 'Space', 'Enter']) {
      await keyboard.press(key);
      await play.settled();
    }
    expect(await play.section('On the wire').textContent()).toContain('GET /typed HTTP/1.1');
    expect(await play.section('The response').textContent()).toContain('A body in chunks');
    // The focus was not lost on the way, and the result was announced.
    expect(await focused()).toContain('Once more');
    expect(await play.page.getByRole('status').textContent()).toMatch(/^read: 64 bytes\. State Idle/);
  });

  test('the focus goes to a field that is added, and is not lost with one that is removed', async () => {
    const play = await stage().open();
    const name = play.page.getByLabel('Name of header field 2');
    const add = play.button('+ Add a header field');
    const isFocused = (element: Locator) => element.evaluate((each) => each === document.activeElement);
    await add.press('Enter');
    expect(await isFocused(name)).toBe(true);
    await play.button('Remove header field 2').press('Enter');
    await name.waitFor({ state: 'detached' });
    expect(await isFocused(add)).toBe(true);
  });

  test('a number that is deleted to type another one stays deleted', async () => {
    const play = await stage().open();
    await play.page.getByRole('checkbox', { name: 'in chunks' }).check();
    for (const label of ['Bytes in a chunk', 'Bytes to read']) {
      const field = play.page.getByLabel(label);
      await field.fill('');
      await field.pressSequentially('32');
      expect(await field.inputValue()).toBe('32');
    }
    await play.button(/^read\(32\)/).waitFor();
  });

  describe('has nothing that axe objects to, and fits its width', () => {
    test.each([
      ['light', 1280],
      ['dark', 390],
    ] as const)('%s, at %i', async (colorScheme, width) => {
      const play = await stage().open();
      const { page } = play;
      await page.setViewportSize({ width, height: 844 });
      await page.emulateMedia({ colorScheme });
      const look = async (view: string): Promise<void> => {
        expect([view, await violations(page)]).toEqual([view, []]);
        const overflow = await page.evaluate(
          () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
        );
        expect([view, overflow]).toEqual([view, 0]);
      };
      await look('at the beginning');
      for (const summary of await page.locator('.composer summary').all()) await summary.click();
      await play.aim('trailers');
      await play.run();
      await look('an exchange');
      await page.getByLabel('hex').check();
      await look('as hex');
      await play.aim('conflicting-lengths');
      await play.run();
      await play.section('Calls').getByText('It would be accepted with').waitFor();
      await look('an error');
      await page.getByRole('link', { name: 'Compare' }).click();
      await page.getByRole('button', { name: 'Judge it' }).click();
      await page.getByRole('heading', { name: 'Verdicts' }).waitFor();
      await look('a comparison');
      await page.getByRole('link', { name: 'Rules', exact: true }).click();
      await page.getByRole('heading', { name: 'The rules', exact: true }).waitFor();
      await look('the rules');
    });
  });

  test('explains an error with the row of the rules that caused it', async () => {
    const play = await stage().open();
    await play.aim('conflicting-lengths');
    await play.run();
    const explanation = play.section('Calls').locator('.explanation');
    await explanation.getByText("tolerate: ['conflicting-content-length']").waitFor();
    await explanation.getByRole('link', { name: 'Content-Length of different elements' }).click();
    const row = play.page.locator('tr[aria-current]');
    expect(await row.textContent()).toContain('The first field counts'.toLowerCase());
    expect(await row.evaluate((element) => element === document.activeElement)).toBe(true);
  });

  test('explains an error whose bytes are too many to compare', async () => {
    const play = await stage().open();
    await play.aim('other');
    // In JSON, each of these bytes takes six.
    const size = 200_000;
    const url = await serve(({ socket }) => {
      socket.write(`HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${size.toString(16)}\r\n`);
      socket.write(Buffer.alloc(size));
      socket.end('\r\nz\r\n');
    });
    await play.page.getByRole('textbox', { name: 'URL of the server' }).fill(url);
    const refusal = play.page.waitForResponse(`**${ROUTES.judge}`);
    await play.run();
    expect((await refusal).status()).toBe(400);
    expect(await play.section('Calls').locator('.explanation').textContent()).toContain('InvalidChunk');
  });

  test('lists what was tolerated, with its rule', async () => {
    const play = await stage().open();
    await play.aim('folded');
    await play.run();
    await play.section('The response').getByRole('link', { name: 'obsolete-fold' }).click();
    expect(await play.page.locator('tr[aria-current]').textContent()).toContain('always tolerated');
  });

  test('compares what strict, lenient and each rule make of the same bytes', async () => {
    const play = await stage().open('#compare');
    await play.page
      .getByLabel('Response bytes')
      .fill('HTTP/1.1 200 OK\\r\\nContent-Length: 4, 2\\r\\n\\r\\nabcd');
    await play.button('Judge it').click();
    const verdict = (judge: string) => play.page.getByRole('article', { name: judge });
    expect(await verdict('strict').textContent()).toContain('rejected');
    expect(await verdict('conflicting-content-length').textContent()).toContain('accepted');
    expect(await verdict('conflicting-content-length').textContent()).toContain('"abcd"');
    expect(await play.page.getByRole('status').textContent()).toBe('strict: rejected, lenient: accepted');
    expect(await play.page.getByRole('article').count()).toBe(3);

    await play.page.getByRole('textbox', { name: 'Response bytes' }).fill('HTTP/1.1 200 OK\\q');
    await play.button('Judge it').click();
    expect(await play.page.getByRole('alert').textContent()).toContain('\\q does not stand for a byte');
  });

  test('compares the last response received', async () => {
    const play = await stage().open();
    await play.aim('odd-chunk-size');
    await play.run();
    await play.page.getByRole('link', { name: 'Compare' }).click();
    await play.choice('Start from').selectOption({ label: 'The last response received' });
    expect(await play.page.getByRole('textbox', { name: 'Response bytes' }).inputValue()).toContain(
      '0x6\\r\\n',
    );
    expect(await play.page.getByRole('article', { name: 'invalid-chunk-size' }).textContent()).toContain(
      'accepted',
    );
  });

  test('compares the last response as one to its own request, whatever is composed now', async () => {
    const play = await stage().open();
    const compare = play.page.getByRole('link', { name: 'Compare' });
    await play.page.getByLabel('Method', { exact: true }).fill('HEAD');
    await play.run();
    await play.page.getByLabel('Method', { exact: true }).fill('GET');
    await compare.click();
    await play.choice('Start from').selectOption({ label: 'The last response received' });
    expect(await play.page.getByRole('article', { name: 'strict' }).textContent()).toContain('accepted');
    // It is still there when its exchange is not.
    await play.page.getByRole('link', { name: 'Exchange' }).click();
    await play.button('Start over').click();
    await compare.click();
    expect(await play.choice('Start from').locator('option:checked').textContent()).toContain('last');
    // The samples are responses to GET.
    await play.page.getByRole('link', { name: 'Exchange' }).click();
    await play.page.getByLabel('Method', { exact: true }).fill('HEAD');
    await compare.click();
    await play.choice('Start from').selectOption('truncated');
    await play.page.getByRole('article', { name: 'strict' }).getByText('IncompleteRead').waitFor();
  });

  test('a comparison stays as it is while another view is looked at', async () => {
    const play = await stage().open('#compare');
    await play.choice('Start from').selectOption('folded');
    await play.page.getByRole('link', { name: 'Rules', exact: true }).click();
    await play.page.getByRole('link', { name: 'Compare' }).click();
    expect(await play.choice('Start from').inputValue()).toBe('folded');
    expect(await play.page.getByRole('textbox', { name: 'Response bytes' }).inputValue()).toContain(
      'X-Story',
    );
  });

  test('says, also to a screen reader, why a session has ended', async () => {
    const play = await stage().open();
    await play.aim('other');
    let flood!: () => void;
    const url = await serve((_, response) => {
      response.write('begun');
      // Without an end: the read would sometimes have its outcome before the limit ends the session.
      flood = () => void response.write(Buffer.alloc(9 * 1024 * 1024));
    });
    await play.page.getByRole('textbox', { name: 'URL of the server' }).fill(url);
    const first = await play.button(/^Next:/).textContent();
    await play.button('Run all').click();
    const reading = play.section('Calls').locator('li').filter({ hasText: 'read(' });
    await reading.getByText('waits…').waitFor();
    flood();
    await play.settled();
    expect(await play.page.getByRole('alert').textContent()).toContain('more than 8 MiB were received');
    await reading.getByText('ended with the session').waitFor();
    // The next call begins a new session, so it is the first one of the plan.
    expect(await play.state.textContent()).toBe('Idle');
    expect(await play.button(/^Next:/).textContent()).toBe(first);
  });

  test('a body larger than what the browser can still store is composed nevertheless', async () => {
    const play = await stage().open();
    // A browser stores 5 MB. To compose a body as long as that takes it a minute on a busy machine.
    await play.page.evaluate(() => {
      for (let size = 2 ** 23; size >= 1024; size /= 2) {
        try {
          sessionStorage.setItem(`filled with ${size}`, 'x'.repeat(size));
        } catch {
          // As much does not fit.
        }
      }
    });
    const kept = () =>
      play.page.evaluate(() => Object.keys(sessionStorage).filter((key) => !key.startsWith('filled')));
    expect(await kept()).toHaveLength(1);
    await play.page.getByLabel('Method').fill('POST');
    await play.page.getByRole('textbox', { name: 'Body' }).fill('x'.repeat(10_000));
    expect(await kept()).toEqual([]);
  });

  test('a link restores the composed request, without credentials', async () => {
    const play = await stage().open();
    await play.aim('chunked');
    await play.page.getByLabel('Target', { exact: true }).fill('/shared');
    await play.page.getByLabel('Name of header field 1').fill('Authorization');
    await play.page.getByLabel('Value of header field 1').fill('Basic c2VjcmV0');
    await play.button('+ Add a header field').click();
    await play.page.getByLabel('Name of header field 2').fill('X-Shared');
    await play.button('Copy a link to this request').click();
    await play.page.getByRole('status').filter({ hasText: 'Credentials are left out' }).waitFor();
    const link = play.page.url();
    expect(link).not.toContain('key=');

    const other = await stage().open(new URL(link).hash);
    expect(await other.page.getByLabel('Target', { exact: true }).inputValue()).toBe('/shared');
    expect(await other.choice('Server').inputValue()).toBe('chunked');
    expect(await other.page.getByLabel('Name of header field 1').inputValue()).toBe('X-Shared');
    expect(await other.page.content()).not.toContain('c2VjcmV0');
  });

  test('a reload keeps the composed request, without credentials; a link takes precedence', async () => {
    const play = await stage().open();
    await play.aim('chunked');
    const target = play.page.getByLabel('Target', { exact: true });
    await target.fill('/shared');
    await play.button('Copy a link to this request').click();
    await play.page.waitForURL((url) => url.hash.startsWith('#request='));
    const link = play.page.url();
    await target.fill('/changed');
    await play.page.getByLabel('Name of header field 1').fill('Authorization');
    await play.page.getByLabel('Value of header field 1').fill('Basic c2VjcmV0');
    await play.page.reload();
    expect(await target.inputValue()).toBe('/changed');
    expect(await play.choice('Server').inputValue()).toBe('chunked');
    expect(await play.page.content()).not.toContain('c2VjcmV0');
    expect(await play.page.evaluate(() => JSON.stringify(sessionStorage))).not.toContain('c2VjcmV0');

    await play.page.goto('about:blank');
    await play.page.goto(link);
    expect(await target.inputValue()).toBe('/shared');
  });

  test('a change removes the link from the address: going back to it would undo the change', async () => {
    const play = await stage().open();
    const target = play.page.getByLabel('Target', { exact: true });
    await target.fill('/shared');
    await play.button('Copy a link to this request').click();
    const hint = play.page.locator('.share').getByText('in the address bar');
    await hint.waitFor();
    await target.fill('/changed');
    await hint.waitFor({ state: 'detached' });
    expect(new URL(play.page.url()).hash).toBe('#exchange');
    await play.page.getByRole('link', { name: 'Compare' }).click();
    await play.page.goBack();
    expect(await target.inputValue()).toBe('/changed');
  });

  test('takes the key of a new address that is opened in the same tab', async () => {
    const play = await stage().open();
    const { address } = stage();
    await play.page.evaluate(() => {
      localStorage.clear();
    });
    await play.page.goto(address);
    await play.page.waitForURL((url) => url.hash === '');
    await play.page.getByRole('form', { name: 'Compose' }).waitFor();
    await play.run();
    expect(await play.section('The response').count()).toBe(1);
  });

  test('is light or dark as the system is, until one is chosen', async () => {
    const play = await stage().open();
    const dark = (): Promise<boolean> =>
      play.page.evaluate(() => {
        const [red = 255] = getComputedStyle(document.body).backgroundColor.match(/\d+/g) ?? [];
        return Number(red) < 128;
      });
    await play.page.emulateMedia({ colorScheme: 'dark' });
    expect(await dark()).toBe(true);
    await play.choice('Theme').selectOption('light');
    expect(await dark()).toBe(false);
    await play.page.reload();
    expect(await dark()).toBe(false);
    await play.choice('Theme').selectOption('auto');
    expect(await dark()).toBe(true);
  });
});
