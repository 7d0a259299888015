import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { renderHtml } from '../../lib/report/html/html.js';
import type { Report } from '../../lib/report/report-schema.js';

/** The widths at which people see the page: a desk, a tablet, a phone and a small phone. */
export const WIDTHS = [1240, 768, 390, 320] as const;

export interface Looks {
  readonly width?: number;
  readonly script?: boolean;
  readonly theme?: 'light' | 'dark';
  /** The end of the address. */
  readonly hash?: string;
}

export interface Opened {
  readonly page: Page;
  readonly context: BrowserContext;
  /** Everything that went wrong, or that the page asked for: errors, refusals, requests. */
  readonly troubles: string[];
}

/** Pages opened from disk, in a browser that has no network. */
export class PageRig {
  readonly #folder = mkdtempSync(join(tmpdir(), 'opened-page-'));
  readonly #contexts: BrowserContext[] = [];
  #browser: Browser | null = null;
  #written = 0;

  async start(): Promise<void> {
    this.#browser = await chromium.launch({
      executablePath: process.env.ISOCHRONE_BROWSER ?? '/usr/bin/chromium',
      args: ['--no-sandbox'],
    });
  }

  async stop(): Promise<void> {
    await this.#browser?.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async closePages(): Promise<void> {
    for (const context of this.#contexts.splice(0)) await context.close();
  }

  write(report: Report): string {
    const path = join(this.#folder, `${this.#written++}.html`);
    writeFileSync(path, renderHtml(report));
    return path;
  }

  async open(
    path: string,
    { width = 1240, script = true, theme = 'light', hash = '' }: Looks = {},
  ): Promise<Opened> {
    const context = await this.#browser!.newContext({
      viewport: { width, height: 900 },
      javaScriptEnabled: script,
      colorScheme: theme,
      offline: true,
    });
    this.#contexts.push(context);
    const page = await context.newPage();
    const troubles: string[] = [];
    const address = pathToFileURL(path).href;
    page.on('console', (message) => troubles.push(`${message.type()}: ${message.text()}`));
    page.on('pageerror', (error) => troubles.push(`error: ${error.message}`));
    page.on('request', (request) => {
      // Pictures within the page are asked for, too, but of nobody.
      if (!request.url().startsWith('data:') && !request.url().startsWith(address)) {
        troubles.push(`request: ${request.url()}`);
      }
    });
    await page.goto(address + hash);
    return { page, context, troubles };
  }
}

/** Unfolds everything there is to unfold. */
export async function unfoldAll(page: Page): Promise<void> {
  await page.evaluate(() => {
    for (const details of document.querySelectorAll('details')) details.open = true;
  });
  // Those that open fill themselves in a task of their own.
  await page.waitForFunction(() => !document.querySelector('details[open] > noscript'));
}
