// Draws the pictures of README and docs from the demo: its stimuli and its stage tuning. Run: npm run pictures
import { mkdtempSync, rmSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { nodeEnvironment } from '../src/node.ts';
import { tuningFigure } from '../src/report/figures/tuning-figure.ts';
import { drawStimuli } from '../src/simulation/stimuli.ts';
import { runDemo } from '../src/study/demo.ts';

const OUT = 'docs/images';
const COLUMNS = 12;
const SIZE = 64;

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
rmSync(folder, { recursive: true });
