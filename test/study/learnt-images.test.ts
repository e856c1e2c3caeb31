import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { UsageError } from '../../src/core/errors.ts';
import { isThere, openFileSource, writeFileAtomically } from '../../src/host/index.ts';
import { makeThumbnails } from '../../src/images/thumbnails.ts';
import { drawStimuli } from '../../src/simulation/stimuli.ts';
import { overlapsOf } from '../../src/study/learnt-images.ts';
import { RUN_FILES } from '../../src/study/runs/run-folder.ts';
import { writeScored } from '../../src/study/runs/scored-files.ts';
import { temporaryFolder } from '../host/temporary-folder.ts';

const drawn = drawStimuli({ nImages: 12, seed: 5, size: 64 });
const folders: Record<string, typeof drawn> = {
  test: drawn.slice(0, 4),
  one: drawn.slice(3, 8),
  other: drawn.slice(8),
};
const environment = {
  ...{ joinPath: join, isThere, openSource: openFileSource, writeFile: writeFileAtomically },
  listImages: async (folder: string) => folders[folder],
};

it('warns for each folder, by its name where there are several, that shares pictures with those scored on, and for none that does not', async () => {
  const warnings = await overlapsOf('test', ['one', 'other'], environment);
  expect(warnings.map(({ code }) => code)).toEqual(['overlap']);
  expect(warnings[0].text).toContain(`one: 1 of the 4 images is among those learnt from: ${drawn[3].name};`);
});

it('takes a run for the images that it learnt from', async () => {
  const run = temporaryFolder();
  const learnt = { names: ['a.png', 'b.png'], thumbnails: await makeThumbnails(drawn.slice(2, 4)) };
  await writeScored(run, { scored: [], learnt }, environment);
  const [warning] = await overlapsOf('test', [run], environment);
  expect(warning.text).toContain(`2 of the 4 images are among those learnt from: ${drawn[2].name} (there a.png)`);
  expect(await overlapsOf('other', [run], environment)).toEqual([]);
});

it('refuses a run that does not hold its images, and says what to name instead', async () => {
  const run = join(temporaryFolder(), 'run');
  mkdirSync(run);
  writeFileSync(join(run, RUN_FILES.encoder), '');
  await expect(overlapsOf('test', [run], environment)).rejects.toThrow(UsageError);
  await expect(overlapsOf('test', [run], environment)).rejects.toThrow(
    /^--trained-on .*: this run does not hold the images it learnt from; name their folder, or fit it again$/,
  );
});
