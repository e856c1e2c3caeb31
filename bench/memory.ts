// Peak resident memory of the command line: extraction of 1,000 images, and a fit of 118 images whose pair statistics are not cached.
// Run: npm run build && HYPERCOLUMN_DATA=DIR tsx bench/memory.ts. Takes 7 GB of the temporary folder and gives them back.
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { algonautsStudy, linkImages, TARGETS } from './algonauts.ts';

/** What both may take at most. */
export const MEMORY_LIMIT = 1.5e9;

/** Peak resident memory of one command. */
export interface PeakMemory {
  readonly what: string;
  readonly bytes: number;
  readonly seconds: number;
}

/** Measures both commands, each in a process and a folder of its own. */
export async function measureMemory(): Promise<PeakMemory[]> {
  return [await inTemporaryFolder(extractThousand), await inTemporaryFolder(fitWithoutCache)];
}

async function inTemporaryFolder(measure: (folder: string) => Promise<PeakMemory>): Promise<PeakMemory> {
  const folder = mkdtempSync(join(tmpdir(), 'hypercolumn-memory-'));
  try {
    return await measure(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function extractThousand(folder: string): Promise<PeakMemory> {
  const nImages = 1000;
  const images = join(folder, 'images');
  linkImages(images, nImages);
  const { architecture, weights, stages, preprocess } = algonautsStudy([
    { images: '118', target: TARGETS[0] },
  ]).backbone;
  const options = { images, backbone: architecture, weights, stages, preprocess, out: join(folder, 'f.safetensors') };
  const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, `${value}`]);
  return { what: `extract of ${nImages} images, ResNet-50, 5 stages`, ...(await run(['extract', ...args])) };
}

async function fitWithoutCache(folder: string): Promise<PeakMemory> {
  const path = join(folder, 'study.json');
  const study = algonautsStudy([{ images: '118', target: TARGETS[0] }], { training: { epochs: 1 } });
  writeFileSync(path, JSON.stringify(study));
  const args = ['fit', path, '--out', join(folder, 'run'), '--cache', join(folder, 'cache')];
  return { what: 'fit of 118 images from pixels, ResNet-50, 5 stages', ...(await run(args)) };
}

// Threads share the process's memory, so the main one alone speaks for all.
const HOOK = `data:text/javascript,${encodeURIComponent(`
import { isMainThread } from 'node:worker_threads';
if (isMainThread) process.on('exit', () => console.error('maxRSS', process.resourceUsage().maxRSS));`)}`;

/** Runs the built command line to its end and asks the process itself for the most it held. */
async function run(args: readonly string[]): Promise<Omit<PeakMemory, 'what'>> {
  const start = performance.now();
  const { stderr } = await promisify(execFile)(process.execPath, ['--import', HOOK, 'dist/cli/main.js', ...args], {
    maxBuffer: 64 * 1024 * 1024,
  });
  const kibibytes = /^maxRSS (\d+)$/m.exec(stderr)?.[1];
  if (kibibytes === undefined) throw new Error(`the command line did not say its memory: ${stderr}`);
  return { bytes: 1024 * Number(kibibytes), seconds: (performance.now() - start) / 1000 };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  for (const { what, bytes, seconds } of await measureMemory()) {
    console.log(`${what}: ${(bytes / 1e9).toFixed(2)} GB at most, ${seconds.toFixed(0)} s`);
  }
}
