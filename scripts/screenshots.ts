// Photographs of reports in Chromium, at one and a half times their size.
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, delimiter, dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium, type Page } from 'playwright-core';
import { nodeEnvironment } from '../src/node.ts';
import { writeReport } from '../src/report/report.ts';

/** What is photographed: the name of the picture, and the part of the page that stands at its top. */
export interface View {
  readonly name: string;
  readonly part: string;
  readonly viewport: { readonly width: number; readonly height: number };
  readonly colorScheme: 'light' | 'dark';
}

const MARGIN = 4;

/** Makes the page of a run and photographs it into a folder. */
export async function photograph(run: string, out: string, views: readonly View[]): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'hypercolumn-screenshots-'));
  mkdirSync(out, { recursive: true });
  const environment = await nodeEnvironment({ cache: join(folder, 'cache') });
  const page = join(folder, 'report.html');
  const from = process.cwd();
  process.chdir(dirname(run)); // the page shows the folder as it is named
  await writeReport([basename(run)], environment, { out: page, figures: join(folder, 'figures') });
  process.chdir(from);
  const browser = await chromium.launch({
    executablePath: chromiumPath(),
    args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
  });
  for (const { name, part, viewport, colorScheme } of views) {
    const context = await browser.newContext({ viewport, colorScheme, deviceScaleFactor: 1.5 });
    const opened = await context.newPage();
    await opened.goto(pathToFileURL(page).href);
    await scrollTo(opened, part);
    await opened.screenshot({ path: join(out, `${name}.png`) });
    await context.close();
  }
  await browser.close();
  rmSync(folder, { recursive: true });
}

async function scrollTo(opened: Page, part: string): Promise<void> {
  await opened.locator(part).first().waitFor();
  await opened
    .locator(part)
    .first()
    .evaluate((element, margin) => {
      const top = scrollY + element.getBoundingClientRect().top - margin;
      window.scrollTo({ top, behavior: 'instant' });
    }, MARGIN);
  await opened.waitForTimeout(300); // pictures of a matrix decode on their own time
}

function chromiumPath(): string {
  const names = ['chromium', 'chromium-browser', 'google-chrome'];
  const paths = (process.env['PATH'] ?? '')
    .split(delimiter)
    .flatMap((place) => names.map((name) => resolve(place, name)));
  const found = process.env['CHROMIUM'] ?? paths.find((path) => existsSync(path));
  if (found === undefined) throw new Error('expected a Chromium: install one, or name it in CHROMIUM');
  return found;
}
