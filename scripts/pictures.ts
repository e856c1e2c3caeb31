// The pictures of README and docs: the demo's stimuli, stage tuning and report; and where the folder of the runs of bench:results is named, figures and
// the report of these, as far as they show no stimuli. Run: npm run pictures [-- RUNS]
import { mkdtempSync, rmSync } from 'node:fs';
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { nodeEnvironment } from '../src/node.ts';
import { tuningFigure } from '../src/report/figures/tuning-figure.ts';
import { drawStimuli } from '../src/simulation/stimuli.ts';
import { DEMO_FILES, runDemo } from '../src/study/demo.ts';
import { photograph } from './screenshots.ts';

const OUT = 'docs/images';
const COLUMNS = 12;
const SIZE = 64;

/** Figures of docs/results.md, which says how the runs are made. */
const RESULTS: Readonly<Record<string, readonly string[]>> = {
  'EVC-92-118': ['scores', 'tuning'],
  'IT-92-118': ['scores', 'tuning'],
  'MEG-early-92-118': ['scores', 'tuning'],
  'MEG-late-92-118': ['scores', 'tuning'],
  'EVC-IT-both': ['regions'],
  'EVC-both-17': ['tuning'],
  'IT-both-17': ['tuning'],
};

await mkdir(OUT, { recursive: true });
const stimuli = drawStimuli();
await sharp({
  create: {
    width: COLUMNS * SIZE,
    height: Math.ceil(stimuli.length / COLUMNS) * SIZE,
    channels: 3,
    background: 'white',
  },
})
  .composite(
    await Promise.all(
      stimuli.map(async (stimulus, k) => {
        const { data, width, height } = await stimulus.decode();
        const input = await sharp(data, { raw: { width, height, channels: 3 } })
          .resize(SIZE, SIZE)
          .png()
          .toBuffer();
        return { input, left: (k % COLUMNS) * SIZE, top: Math.floor(k / COLUMNS) * SIZE };
      }),
    ),
  )
  .png({ palette: true })
  .toFile(join(OUT, 'demo-stimuli.png'));

const folder = mkdtempSync(join(tmpdir(), 'hypercolumn-pictures-'));
const environment = await nodeEnvironment({ cache: join(folder, 'cache') });
const { run, trueShares } = await runDemo(join(folder, 'demo'), environment);
const figure = tuningFigure(run.tuning, { title: 'Demo (a simulation)', trueShares });
await writeFile(join(OUT, 'demo-tuning.svg'), figure.svg);
const laptop = { width: 1280, height: 860 };
const phone = { width: 390, height: 844 };
await photograph(join(folder, 'demo', DEMO_FILES.run), OUT, [
  { name: 'demo-report', part: 'header', viewport: laptop, colorScheme: 'light' },
  { name: 'demo-pairs', part: '.figure.under', viewport: laptop, colorScheme: 'light' },
  { name: 'demo-pairs-dark', part: '.figure.under', viewport: laptop, colorScheme: 'dark' },
  { name: 'demo-phone', part: '.figure.under', viewport: phone, colorScheme: 'light' },
]);
rmSync(folder, { recursive: true });

const [runs] = process.argv.slice(2);
if (runs !== undefined) {
  const results = join(OUT, 'results');
  await mkdir(results, { recursive: true });
  for (const [name, figures] of Object.entries(RESULTS)) {
    for (const figure of figures) {
      await copyFile(join(runs, name, 'figures', `${figure}.svg`), join(results, `${name}-${figure}.svg`));
    }
  }
  await photograph(join(runs, 'EVC-92-118'), results, [
    { name: 'EVC-92-118-report', part: 'header', viewport: { width: 1280, height: 1240 }, colorScheme: 'light' },
    { name: 'EVC-92-118-stages', part: '#tuning', viewport: { width: 1280, height: 1000 }, colorScheme: 'light' },
  ]);
}
