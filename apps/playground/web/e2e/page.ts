import type { BrowserContext, Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect } from 'vitest';

import { startBrowser } from '../../../../tests/support/chromium.js';
import { startPlayground } from './playground.js';

type Browser = Awaited<ReturnType<typeof startBrowser>>;

/** The page, and what a user does on it. */
export class PlayPage {
  /** Errors that the page reported. */
  readonly complaints: string[] = [];

  constructor(readonly page: Page) {
    page.on('pageerror', (error) => this.complaints.push(error.message));
    page.on('console', (message) => {
      // A refusal by the server is not an error of the page, which shows it.
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

  /** Makes the next call, and waits until it has ended. */
  async next(): Promise<void> {
    await this.button(/^Next:/).click();
    await this.settled();
  }

  /** Makes the remaining calls of the plan. */
  async run(): Promise<void> {
    await this.button(/^Run (all|the rest)$/).click();
    await this.settled();
  }

  /** Waits until no call is under way. */
  async settled(): Promise<void> {
    await this.page.locator('.stepper[aria-busy="false"]').waitFor();
  }
}

/** What all tests of a file share. */
export interface Stage {
  readonly context: BrowserContext;
  /** The address of the page, with its key. */
  readonly address: string;
  /** Opens the page, as through the terminal's link. */
  readonly open: (fragment?: string) => Promise<PlayPage>;
}

/**
 * Runs tests in a real Chromium. If it cannot start, they are skipped, with the reason in their name; in CI, where
 * everything must be tested, that is a failure.
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
  // Only to end a test that hangs: a busy machine takes seconds for a page.
  context.setDefaultTimeout(60_000);
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
