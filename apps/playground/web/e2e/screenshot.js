// Takes the screenshot of the page for the README:
//
//     npm run build && node apps/playground/web/e2e/screenshot.js

import { fileURLToPath, URL } from 'node:url';

import { startBrowser } from '../../../../tests/support/chromium.js';
import { startPlayground } from './playground.js';

const FILE = fileURLToPath(new URL('../../../../docs/images/playground.png', import.meta.url));

const playground = await startPlayground();
// A device scale factor of 2 would be sharper, but three times the size.
const browser = await startBrowser([], { viewport: { width: 1280, height: 1540 }, colorScheme: 'light' });
const page = await browser.context.newPage();
await page.goto(playground.address);
await page.getByRole('combobox', { name: 'Server', exact: true }).selectOption('trailers');
await page.getByRole('textbox', { name: 'Target' }).fill('/what?is=sent');
for (const call of ['putRequest', 'putHeader', 'endHeaders', 'getResponse']) {
  await page.getByRole('button', { name: new RegExp(`^Next: ${call}`) }).click();
}
await page.locator('.state.now', { hasText: 'Unread-response' }).waitFor();
await page.screenshot({ path: FILE });
await browser.close();
playground.close();
