import { alikeImages } from '../images/alike.ts';
import type { Stimulus } from '../images/image.ts';
import { knownImages } from './overlap.ts';
import type { StudyImages } from './study-images.ts';

const MOST_NAMED = 3;

/**
 * What to say where folds leave an image out and learn from a copy of it: the same picture under another name or in another folder.
 * @param folds for each data set its folds, each the rows of its images
 * @returns null where there is no such image
 */
export async function copiesAcrossFolds(
  images: readonly Pick<StudyImages, 'imageSet' | 'stimuli'>[],
  folds: readonly (readonly (readonly number[])[])[],
): Promise<string | null> {
  const dealt = new Map<string, { readonly stimulus: Stimulus; readonly fold: number }>();
  for (const [k, { imageSet, stimuli }] of images.entries()) {
    for (const [fold, rows] of folds[k].entries()) {
      for (const row of rows) {
        dealt.set(JSON.stringify([imageSet, stimuli[row].name]), { stimulus: stimuli[row], fold });
      }
    }
  }
  const each = [...dealt.values()];
  const { thumbnails } = await knownImages(each.map(({ stimulus }) => stimulus));
  const apart = alikeImages(thumbnails, thumbnails).filter(([a, b]) => a < b && each[a].fold !== each[b].fold);
  if (apart.length === 0) return null;
  const named = apart.slice(0, MOST_NAMED).map(([a, b]) => `${each[a].stimulus.name} and ${each[b].stimulus.name}`);
  const pairs = apart.length === 1 ? '1 pair of images is' : `${apart.length} pairs of images are`;
  return (
    `${pairs} the same picture twice, dealt into different folds (${named.join(', ')}${apart.length > MOST_NAMED ? ', ...' : ''}): a fold learns from ` +
    'copies of what it leaves out, and its scores are too good; show one folder in all data sets, or leave the copies out'
  );
}
