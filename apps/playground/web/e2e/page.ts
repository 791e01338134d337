import type { BrowserContext, Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect } from 'vitest';

import { startBrowser, startPlayground } from './browser.js';

type Browser = Awaited<ReturnType<typeof startBrowser>>;

/** The page, and what a user does there. */
export class PlayPage {
  /** What the page complained of, of its own accord. */
  readonly complaints: string[] = [];

  constructor(readonly page: Page) {
    page.on('pageerror', (error) => this.complaints.push(error.message));
    page.on('console', (message) => {
      // What the server refuses is no fault of the page's, and what it shows.
      const isRefusal = message.text().startsWith('Failed to load resource');
      if (message.type() === 'error' && !isRefusal) this.complaints.push(message.text());
    });
    page.on('dialog', (dialog) => {
      this.complaints.push(`a dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
  }

  button(name: string | RegExp): Locator {
    return this.page.getByRole('button', { name, exact: true });
  }

  choice(name: string): Locator {
    return this.page.getByRole('combobox', { name, exact: true });
  }

  section(name: string): Locator {
    return this.page.getByRole('region', { name, exact: true });
  }

  /** The state that the page says the connection is in. */
  get state(): Locator {
    return this.section('State').locator('strong');
  }

  async aim(server: string): Promise<void> {
    await this.choice('Server').selectOption(server);
  }

  /** Makes the next call, and waits until it has come to its end. */
  async next(): Promise<void> {
    await this.button(/^Next:/).click();
    await this.settled();
  }

  /** Makes the calls that are left of the plan. */
  async run(): Promise<void> {
    await this.button(/^Run (it whole|the rest)$/).click();
    await this.settled();
  }

  /** Until no call is under way. */
  async settled(): Promise<void> {
    await this.page.locator('.stepper[aria-busy="false"]').waitFor();
  }
}

/** What all tests of a file share. */
export interface Stage {
  readonly context: BrowserContext;
  /** Where the page is, with its key. */
  readonly address: string;
  /** Opens the page, as the terminal's link does. */
  readonly open: (fragment?: string) => Promise<PlayPage>;
}

/**
 * Tests in a real Chromium. Where it cannot start they are left out, with the reason in their name; where everything must
 * be tested (CI), that is a failure.
 */
export async function inChromium(
  name: string,
  tests: (stage: () => Stage) => void,
  args: readonly string[] = [],
): Promise<void> {
  const started = await startBrowser(args).catch((error: unknown) => {
    if (process.env['CI'] !== undefined) throw error;
    return error instanceof Error ? error : new Error(String(error));
  });
  if (started instanceof Error) {
    describe.skip(`${name} (left out: Chromium cannot start here: ${started.message.split('\n')[0] ?? ''})`, () => {
      tests(() => {
        throw started;
      });
    });
    return;
  }
  describe(name, () => {
    tests(useStage(started));
  });
}

function useStage(browser: Browser): () => Stage {
  const { context } = browser;
  context.setDefaultTimeout(10_000);
  let playground: Awaited<ReturnType<typeof startPlayground>> | undefined;
  let pages: PlayPage[] = [];
  beforeAll(async () => {
    playground = await startPlayground();
  });
  afterAll(async () => {
    playground?.close();
    await browser.close();
  });
  afterEach(async () => {
    const complaints = pages.flatMap((page) => page.complaints);
    await Promise.all(pages.map(({ page }) => page.close()));
    pages = [];
    expect(complaints).toEqual([]);
  });
  return () => {
    if (playground === undefined) throw new Error('there is none before the tests');
    const { address } = playground;
    return {
      context,
      address,
      open: async (fragment) => {
        const play = new PlayPage(await context.newPage());
        pages.push(play);
        await play.page.goto(address);
        await play.page.getByRole('form', { name: 'Compose' }).waitFor();
        if (fragment !== undefined) await play.page.goto(new URL(fragment, address).href);
        return play;
      },
    };
  };
}
