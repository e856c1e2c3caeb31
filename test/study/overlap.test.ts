import { expect, it } from 'vitest';
import type { Stimulus } from '../../src/images/image.ts';
import { makeThumbnails } from '../../src/images/thumbnails.ts';
import { drawStimuli } from '../../src/simulation/stimuli.ts';
import { type KnownImages, overlapWarning } from '../../src/study/overlap.ts';

const drawn = drawStimuli({ nImages: 20, seed: 3, size: 64 });

async function known(stimuli: readonly Stimulus[], names = stimuli.map(({ name }) => name)): Promise<KnownImages> {
  return { names, thumbnails: await makeThumbnails(stimuli) };
}

it('says nothing where the images scored on are new', async () => {
  expect(overlapWarning(await known(drawn.slice(0, 10)), await known(drawn.slice(10)))).toBeNull();
  expect(overlapWarning(await known([]), await known(drawn))).toBeNull();
});

it('names the images that were learnt from, and what they were called there', async () => {
  const learnt = await known(drawn.slice(2, 12), ['other.png', ...drawn.slice(3, 12).map(({ name }) => name)]);
  expect(overlapWarning(await known(drawn.slice(0, 4)), learnt)).toEqual({
    code: 'overlap',
    text:
      `2 of the 4 images are among those learnt from: ${drawn[2].name} (there other.png), ${drawn[3].name}; ` +
      'what is scored on them does not speak of new images',
  });
  expect(overlapWarning(await known(drawn.slice(0, 3)), learnt)!.text).toMatch(/^1 of the 3 images is among/);
});

it('names five of many, and counts an image once that was learnt from twice', async () => {
  const images = await known(drawn);
  const twice = await known([...drawn, ...drawn]);
  expect(overlapWarning(images, twice)!.text).toContain(`20 of the 20 images`);
  expect(overlapWarning(images, twice)!.text).toContain(`${drawn[4].name} and 15 more;`);
});
