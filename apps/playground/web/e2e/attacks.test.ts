import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';

import { ROUTES } from '../../src/serve/api.js';
import { serve } from '../../src/testing/servers.js';
import { inChromium } from './page.js';

/** A page of another origin on this machine, under a name that resolves to this machine. */
async function attackersPage(newPage: () => Promise<Page>): Promise<Page> {
  const url = await serve((_, response) => {
    response.setHeader('Content-Type', 'text/html').end('<!doctype html><title>attacker</title>');
  });
  const page = await newPage();
  await page.goto(`http://attacker.example:${new URL(url).port}/`);
  return page;
}

await inChromium(
  'an attacker',
  (stage) => {
    test('whose name is made to resolve to this machine gets neither the page nor its API', async () => {
      const { context, address } = stage();
      const page = await context.newPage();
      const { port } = new URL(address);
      const response = await page.goto(`http://attacker.example:${port}/`);
      expect(response?.status()).toBe(403);
      // For the browser this has the same origin as the server, but it is refused all the same.
      const statuses = await page.evaluate(
        (routes) => Promise.all(routes.map(async (route) => (await fetch(route, { method: 'POST' })).status)),
        Object.values(ROUTES),
      );
      expect(new Set(statuses)).toEqual(new Set([403]));
      await page.close();
    });

    test('whose page is open in the same browser cannot use the API, even with the key', async () => {
      const { context, address } = stage();
      const page = await attackersPage(() => context.newPage());
      const { origin, hash } = new URL(address);
      const results = await page.evaluate(
        async ({ url, key }) => {
          const attempts: RequestInit[] = [
            // Sent without a preflight request, but other origins cannot read the response.
            { method: 'POST', mode: 'no-cors', body: '{}' },
            { method: 'POST', body: '{}' },
            // Needs a preflight request, which fails.
            {
              method: 'POST',
              body: '{}',
              headers: { 'content-type': 'application/json', 'x-playground-token': key },
            },
          ];
          return Promise.all(
            attempts.map((attempt) =>
              fetch(url, attempt).then(
                ({ type, status }) => `${type} ${status}`,
                () => 'refused',
              ),
            ),
          );
        },
        { url: `${origin}${ROUTES.hello}`, key: hash.replace('#key=', '') },
      );
      expect(results).toEqual(['refused', 'refused', 'refused']);
      await page.close();
    });

    test('cannot put the page into a frame', async () => {
      const { context, address } = stage();
      const page = await attackersPage(() => context.newPage());
      await page.evaluate((url) => {
        const frame = document.createElement('iframe');
        frame.src = url;
        document.body.append(frame);
        return new Promise((resolve) => (frame.onload = resolve));
      }, address);
      expect(page.frames()[1]?.url()).toBe('chrome-error://chromewebdata/');
      await page.close();
    });

    test('who has the page without its key cannot use it, and is told where the key is', async () => {
      const { context, address } = stage();
      const page = await context.newPage();
      await page.goto(`${new URL(address).origin}/#key=${'A'.repeat(32)}`);
      await page.getByRole('alert').filter({ hasText: 'The key is missing or outdated' }).waitFor();
      for (const key of ['', 'TOKEN.']) {
        await page.goto(`${new URL(address).origin}/#key=${key}`);
        await page.getByRole('alert').filter({ hasText: 'The key in this address is malformed' }).waitFor();
        expect(new URL(page.url()).hash).toBe('');
      }
      await page.evaluate(() => {
        localStorage.clear();
      });
      await page.goto(`${new URL(address).origin}/#exchange`);
      await page.reload();
      await page.getByRole('alert').filter({ hasText: 'This page has no key' }).waitFor();
      expect(await page.getByRole('form').count()).toBe(0);
      await page.close();
    });

    test('whose response has scripts in its reason, fields and body runs nothing', async () => {
      const play = await stage().open();
      const { page } = play;
      await play.aim('script');
      await play.run();
      expect(await play.section('The response').locator('pre').textContent()).toContain('<script>');
      await page.getByLabel('hex').check();
      await page.getByRole('link', { name: 'Compare' }).click();
      await play.choice('Start from').selectOption('script');
      await page.getByRole('article', { name: 'lenient' }).waitFor();
      const made = await page.evaluate(() => document.querySelectorAll('body script, img, [onerror]').length);
      expect(made).toBe(0);
      expect(await page.title()).toBe('http-client playground');
    });

    test('whose link contains an invalid request changes nothing', async () => {
      const play = await stage().open();
      const evil = {
        settings: { trust: 'anybody', server: 7, tolerate: 'x' },
        headers: [['a']],
        method: { toString: 1 },
      };
      const text = Buffer.from(JSON.stringify(evil)).toString('base64url');
      await play.page.goto(`${new URL(stage().address).origin}/#request=${text}`);
      expect(await play.page.getByLabel('Method').inputValue()).toBe('GET');
      await play.run();
      await play.page.locator('summary', { hasText: 'Connection' }).click();
      // A link to a request does not turn off the verification of certificates.
      expect(await play.choice('Trust certificates from').inputValue()).toBe('playground');
    });

    test('learns nothing: the page sends requests only to its own server', async () => {
      const play = await stage().open();
      const asked = new Set<string>();
      play.page.on('request', (request) => asked.add(new URL(request.url()).origin));
      await play.page.reload();
      await play.page.getByRole('form', { name: 'Compose' }).waitFor();
      await play.run();
      for (const view of ['Compare', 'Rules'])
        await play.page.getByRole('link', { name: view, exact: true }).click();
      expect([...asked]).toEqual([new URL(stage().address).origin]);
    });
  },
  ['--host-resolver-rules=MAP attacker.example 127.0.0.1'],
);
