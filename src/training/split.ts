import { UsageError } from '../core/errors.ts';
import type { Random } from '../core/random.ts';
import type { TrainingOptions, TrainingSet } from './options.ts';

/** A data set as far as its features play no part. */
export type UnseenSet = Pick<TrainingSet, 'name' | 'imageSet' | 'trainingImages'> & {
  readonly statistics: Pick<TrainingSet['statistics'], 'conditions'>;
};

/** Kinds of pairs that are validated on, as in `ValidationLoss`. */
export const VALIDATION_KINDS = ['newNew', 'newOld', 'pair'] as const;

/** What becomes of one data set's images and pairs. */
export interface SetSplit {
  /** Rows that are trained on; the scale sees no others. */
  readonly trainingImages: readonly number[];
  /** Condensed positions of the pairs that are trained on. */
  readonly trainingPairs: readonly number[];
  /** Condensed positions of the pairs that are validated on, by kind. */
  readonly validationPairs: Readonly<Record<(typeof VALIDATION_KINDS)[number], readonly number[]>>;
}

/**
 * Which pairs are trained on and which are validated on.
 *
 * Without a holdout, pairs with an image outside `trainingImages` are validated on. With one, only what it holds out is: the epoch is chosen
 * by it, and a choice must not rest on images that the caller keeps for a test. Sets of one image set hold out the same images, or the same
 * pairs of images, by name.
 * @param random where the held-out are drawn from, by image set: another set more or less changes nothing
 * @throws UsageError where nothing is left to train on, or a setting cannot be met
 */
export function splitPairs(
  sets: readonly UnseenSet[],
  holdout: TrainingOptions['holdout'],
  random: Random,
): SetSplit[] {
  if (holdout !== undefined && !(holdout.fraction > 0 && holdout.fraction < 1)) {
    throw new UsageError(
      `training.holdout.fraction: expected a number between 0 and 1, got ${holdout.fraction}; leave out holdout to hold nothing out`,
    );
  }
  const allowed = sets.map(allowedImages);
  const heldOutImages = new Map<string, Set<string>>();
  const heldOutPairs = new Map<string, Set<string>>();
  for (const imageSet of new Set(sets.map((set) => set.imageSet))) {
    const names = new Set<string>();
    for (const [s, set] of sets.entries()) {
      if (set.imageSet === imageSet) for (const image of allowed[s]) names.add(set.statistics.conditions[image]);
    }
    const stream = random.derive(imageSet);
    heldOutImages.set(imageSet, new Set(holdout?.by === 'image' ? draw([...names], holdout.fraction, stream) : []));
    heldOutPairs.set(
      imageSet,
      new Set(holdout?.by === 'pair' ? draw(pairNames([...names]), holdout.fraction, stream) : []),
    );
  }
  return sets.map((set, s) => {
    const held = { images: heldOutImages.get(set.imageSet)!, pairs: heldOutPairs.get(set.imageSet)! };
    const split = splitSet(set, allowed[s], holdout !== undefined, held);
    if (split.trainingPairs.length === 0) throw nothingLeft(set, allowed[s].length, holdout);
    return split;
  });
}

type Role = 'outside' | 'training' | 'heldOut';

function splitSet(
  set: UnseenSet,
  allowed: readonly number[],
  hasHoldout: boolean,
  held: { images: ReadonlySet<string>; pairs: ReadonlySet<string> },
): SetSplit {
  const { conditions } = set.statistics;
  const n = conditions.length;
  const roles = new Array<Role>(n).fill('outside');
  for (const image of allowed) roles[image] = held.images.has(conditions[image]) ? 'heldOut' : 'training';
  const validated = hasHoldout ? 'heldOut' : 'outside';
  const trainingPairs: number[] = [];
  const validationPairs = { newNew: [] as number[], newOld: [] as number[], pair: [] as number[] };
  for (let i = 0, pair = 0; i < n; i++) {
    for (let j = i + 1; j < n; j++, pair++) {
      const nTraining = Number(roles[i] === 'training') + Number(roles[j] === 'training');
      const nValidated = Number(roles[i] === validated) + Number(roles[j] === validated);
      if (nTraining === 2) {
        const list = held.pairs.has(pairName(conditions[i], conditions[j])) ? validationPairs.pair : trainingPairs;
        list.push(pair);
      } else if (nValidated === 2) validationPairs.newNew.push(pair);
      else if (nValidated === 1 && nTraining === 1) validationPairs.newOld.push(pair);
    }
  }
  const trainingImages = allowed.filter((image) => roles[image] === 'training');
  return { trainingImages, trainingPairs, validationPairs };
}

function allowedImages({ name, trainingImages, statistics }: UnseenSet): readonly number[] {
  const n = statistics.conditions.length;
  if (trainingImages === undefined) return statistics.conditions.map((_, k) => k);
  const wrong = trainingImages.find((image) => !(Number.isInteger(image) && image >= 0 && image < n));
  if (wrong !== undefined || new Set(trainingImages).size !== trainingImages.length) {
    throw new UsageError(
      `data set ${name}, trainingImages: expected different rows from 0 to ${n - 1}, got ${wrong ?? 'one of them twice'}`,
    );
  }
  return [...trainingImages].sort((a, b) => a - b);
}

/** A random part of the items, at least one, in their order. */
function draw(items: readonly string[], fraction: number, random: Random): string[] {
  const count = Math.max(1, Math.round(fraction * items.length));
  const chosen = new Set(random.permutation(items.length).slice(0, count));
  return items.filter((_, k) => chosen.has(k));
}

function pairNames(names: readonly string[]): string[] {
  return names.flatMap((name, k) => names.slice(k + 1).map((other) => pairName(name, other)));
}

/** The same for both orders of the two names. */
function pairName(a: string, b: string): string {
  return JSON.stringify(a < b ? [a, b] : [b, a]);
}

function nothingLeft(set: UnseenSet, nImages: number, holdout: TrainingOptions['holdout']): UsageError {
  const wayOut = holdout === undefined ? 'pass more images' : `hold out less than ${holdout.fraction}, or nothing`;
  return new UsageError(
    `data set ${set.name}: expected at least one pair of images to train on, got none of its ${nImages} images${holdout === undefined ? '' : ` once training.holdout by ${holdout.by} is taken`}; ${wayOut}`,
  );
}
