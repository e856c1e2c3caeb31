import { ShapeError, UsageError } from '../core/errors.ts';
import { type Random, seededRandom } from '../core/random.ts';
import type { Encoder } from '../encoder/encoder.ts';
import { stageShares } from '../encoder/tuning.ts';
import type { PairStatistics } from '../features/pair-statistics.ts';
import { channelScale } from '../features/scale.ts';
import { layOutStages } from '../features/stage-layout.ts';
import { type NoiseCeiling, noiseCeiling } from '../rdm/ceiling.ts';
import { type Rdm, type RdmStack, subsetStack } from '../rdm/rdm.ts';
import { noiseForCeiling, type SubjectNoise } from './noise.ts';
import { simulateSubjects } from './subjects.ts';

/** What to simulate. */
export interface SimulatedStudyOptions {
  /** The true mask, one value a stage or one a channel, over channels that are scaled as a fit scales them. */
  readonly mask: readonly number[];
  readonly nSubjects?: number;
  readonly noise?: SubjectNoise;
  /** Part of the images that may be learnt from. */
  readonly trainingFraction?: number;
  readonly seed?: number;
}

/** A study whose truth is known: what a fit needs, and what to hold its result against. */
export interface SimulatedStudy {
  readonly statistics: PairStatistics;
  /** Subjects' RDMs of all images. */
  readonly targets: RdmStack;
  /** Rows to learn from and rows to score on, ascending. */
  readonly trainingImages: readonly number[];
  readonly testImages: readonly number[];
  readonly noise: SubjectNoise;
  /** Noise ceiling of the test images, as it came out. */
  readonly ceiling: NoiseCeiling;
  readonly truth: {
    readonly encoder: Encoder;
    /** Of all images, without noise. */
    readonly rdm: Rdm;
    /** Each stage's share of the embedding's variance, of all images; their sum is 1. */
    readonly shares: readonly number[];
  };
  readonly seed: number;
}

/**
 * Simulates a study of images: subjects who see them through a known mask over a network's stages, and an image-wise split.
 *
 * To see whether a study of one's own could find what it looks for: take the statistics of the images it will show, a mask as it is
 * thought to be, the noise of earlier data (`noiseForCeiling`), and give the result to `recoverShares` or `simulatedPower`.
 * @param statistics pair statistics of all images
 * @throws UsageError where the split leaves fewer than 3 images on a side, or a setting cannot be met
 */
export function simulateStudy(
  statistics: PairStatistics,
  {
    mask,
    nSubjects = 15,
    noise = noiseForCeiling(0.4, { nSubjects }),
    trainingFraction = 0.7,
    seed = 0,
  }: SimulatedStudyOptions,
): SimulatedStudy {
  const nImages = statistics.conditions.length;
  const nTest = Math.round((1 - trainingFraction) * nImages);
  if (!(nTest >= 3 && nImages - nTest >= 3)) {
    throw new UsageError(
      `trainingFraction: expected at least 3 of ${nImages} images on either side, got ${nImages - nTest} to train on and ${nTest} to test`,
    );
  }
  const random = seededRandom(seed);
  const testImages = spreadOut(nImages, nTest, random.derive('split'));
  const trainingImages = statistics.conditions.map((_, row) => row).filter((row) => !testImages.includes(row));
  const encoder = trueEncoder(statistics, mask, trainingImages);
  const subjects = random.derive('subjects').integer(0, 0xffffffff);
  const { targets, rdm } = simulateSubjects(statistics, encoder, { nSubjects, noise, seed: subjects });
  return {
    statistics,
    targets,
    trainingImages,
    testImages,
    noise,
    ceiling: noiseCeiling(subsetStack(targets, testImages)),
    truth: { encoder, rdm, shares: stageShares(encoder, [statistics]) },
    seed,
  };
}

function trueEncoder(statistics: PairStatistics, mask: readonly number[], trainingImages: readonly number[]): Encoder {
  const { stages } = statistics;
  const { nChannels } = layOutStages(stages);
  if (mask.length !== stages.length && mask.length !== nChannels) {
    throw new ShapeError(
      `mask: expected ${stages.length} values (one a stage) or ${nChannels} (one a channel), got ${mask.length}`,
    );
  }
  return {
    stages,
    maskResolution: mask.length === stages.length ? 'stage' : 'channel',
    mask: Float64Array.from(mask),
    scale: channelScale([statistics], [trainingImages]),
    readouts: [],
  };
}

/** One row from each of `count` equal stretches: images of a category stand together, and both sides of the split should know it. */
function spreadOut(n: number, count: number, random: Random): number[] {
  return Array.from({ length: count }, (_, k) => {
    const from = Math.floor((k * n) / count);
    return random.integer(from, Math.floor(((k + 1) * n) / count) - 1);
  });
}
