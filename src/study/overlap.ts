import { alikeImages } from '../images/alike.ts';
import type { Stimulus } from '../images/image.ts';
import { makeThumbnails, type Thumbnails } from '../images/thumbnails.ts';
import type { SheetWarning } from '../inference/score-sheet.ts';

/** Images by their looks: their names and thumbnails, in the same order. */
export interface KnownImages {
  readonly names: readonly string[];
  readonly thumbnails: Thumbnails;
}

/** Images as they are known again. */
export async function knownImages(stimuli: readonly Stimulus[]): Promise<KnownImages> {
  return { names: stimuli.map(({ name }) => name), thumbnails: await makeThumbnails(stimuli) };
}

const MOST_NAMED = 5;

/**
 * A warning where images that a model is scored on are among those it was learnt from, by content: whatever the files are called and however
 * they were saved again (see `alikeImages`).
 * @param scored the images it is scored on
 * @param learnt the images it was learnt from
 * @returns null where none are
 */
export function overlapWarning(scored: KnownImages, learnt: KnownImages): SheetWarning | null {
  const pairs = alikeImages(scored.thumbnails, learnt.thumbnails);
  const known = new Map(pairs.toReversed().map(([image, there]) => [image, there]));
  if (known.size === 0) return null;
  const named = [...known.entries()].sort(([a], [b]) => a - b).slice(0, MOST_NAMED);
  const names = named.map(([image, there]) => {
    const [name, other] = [scored.names[image], learnt.names[there]];
    return name === other ? name : `${name} (there ${other})`;
  });
  const rest = known.size - named.length;
  return {
    code: 'overlap',
    text:
      `${known.size} of the ${scored.names.length} images ${known.size === 1 ? 'is' : 'are'} among those learnt from: ` +
      `${names.join(', ')}${rest > 0 ? ` and ${rest} more` : ''}; what is scored on them does not speak of new images`,
  };
}
