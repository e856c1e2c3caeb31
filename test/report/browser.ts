import { accessSync, constants, mkdtempSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { temporaryFolder } from '../host/temporary-folder.ts';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome'];

/** Path of a Chromium: $CHROMIUM, else the first of its usual names on the path; undefined where there is none. */
export function findChromium(): string | undefined {
  const { CHROMIUM, PATH = '' } = process.env;
  if (CHROMIUM) return CHROMIUM;
  return PATH.split(delimiter)
    .flatMap((folder) => NAMES.map((name) => join(folder, name)))
    .find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** A browser without a window. Root may only run one without its sandbox. */
export function launchChromium(executablePath: string): Promise<Browser> {
  return chromium.launch({ executablePath, args: process.getuid?.() === 0 ? ['--no-sandbox'] : [] });
}

/** A page that was opened, and all that it should not have done. */
export interface OpenedPage {
  readonly page: Page;
  /** What it said on the console, errors that it let go, and requests beyond the file itself. */
  readonly noise: readonly string[];
}

/** Opens a page as a user does who got it as a file. */
export async function openHtml(
  browser: Browser,
  html: string,
  options: BrowserContextOptions = {},
): Promise<OpenedPage> {
  const file = join(mkdtempSync(join(temporaryFolder(), 'page-')), 'report.html');
  writeFileSync(file, html);
  const url = pathToFileURL(file).href;
  // A click on what is still scrolling may miss it.
  const context = await browser.newContext({ acceptDownloads: true, reducedMotion: 'reduce', ...options });
  const page = await context.newPage();
  const noise: string[] = [];
  page.on('console', (message) => noise.push(`console: ${message.text()}`));
  page.on('pageerror', (error) => noise.push(`error: ${error.message}`));
  page.on('request', (request) => {
    if (request.url() !== url && !/^(data|blob):/.test(request.url())) noise.push(`request: ${request.url()}`);
  });
  await page.goto(url);
  return { page, noise };
}
