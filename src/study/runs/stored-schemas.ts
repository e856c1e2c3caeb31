import { z } from 'zod';
import { type ScoreSheet, WARNING_CODES } from '../../inference/score-sheet.ts';
import { COMPARATOR_NAMES } from '../../rdm/comparators.ts';
import type { EpochMetrics } from '../../training/options.ts';
import type { RunTuning, StageTuning } from '../tuning.ts';

// What a run's .json files must hold to be shown. Keys beyond these are kept, as later versions may add some.
const number = z.number();
const numberOrNull = z.number().nullable();
const interval = z.tuple([number, number]);

const stageTuning = z.looseObject({
  stage: z.string(),
  share: number,
  permutedShares: z.array(number),
  permuted: z.looseObject({ mean: number, sd: numberOrNull }).nullable(),
  z: numberOrNull,
  p: numberOrNull,
  pFdr: numberOrNull.default(null),
  signedMeanMask: z.looseObject({ mean: number, ci95: interval.nullable() }),
  permutedSignedMeans: z.array(number).default([]),
}) satisfies z.ZodType<StageTuning>;

const furtherFits = z.array(z.looseObject({ name: z.string(), shares: z.array(number) }));

/** tuning.json; one of an older version knows nothing of groups of stages and of further fits. */
export const storedTuning = z.looseObject({
  stages: z.array(stageTuning).min(1),
  grouped: z.array(stageTuning).nullable().default(null),
  stability: z.looseObject({ seeds: furtherFits, splits: furtherFits }).nullable().default(null),
}) satisfies z.ZodType<RunTuning>;

const validation = z.looseObject({ newNew: numberOrNull, newOld: numberOrNull, pair: numberOrNull });

/** A line of metrics.jsonl; with several fits it tells its fit's seed. */
export const storedMetrics = z.looseObject({
  seed: z.int().optional(),
  epoch: z.int().positive(),
  trainingLoss: number,
  validationLoss: validation.nullable(),
  readouts: z.array(z.looseObject({ name: z.string(), alpha: number, b: number })),
}) satisfies z.ZodType<EpochMetrics>;

const agreement = z.looseObject({ rho: number, r2: number });
const ceiling = z.looseObject({ lower: agreement, upper: agreement });
const key = z.looseObject({ name: z.string(), key: z.string() });
const setScore = agreement.extend({ rhoBySubject: z.array(number), nImages: z.int(), ceiling: ceiling.nullable() });

/** report.json. */
export const storedReport = z.looseObject({
  hypercolumn: z.string(),
  engine: z.string(),
  ground: z.looseObject({
    network: key,
    data: z.array(z.looseObject({ name: z.string(), images: z.string(), rdms: z.string() })),
  }),
  sets: z.array(
    z.looseObject({
      ...{ name: z.string(), nImages: z.int(), nSubjects: z.int(), nTimes: z.int() },
      training: setScore,
      heldOut: setScore.nullable(),
    }),
  ),
  fits: z.array(z.looseObject({ seed: z.int(), keptEpoch: z.int() })).min(1),
});

const estimate = z.looseObject({ value: number, standardError: number, interval });
const significance = { p: number, pFdr: number, pBonferroni: number };
const estimateTest = z.looseObject({ ...significance, t: numberOrNull, degrees: number });
const permutationTest = z.looseObject({ ...significance, mean: number, percentile95: number });
const floor = z.looseObject({ mean: number, percentile95: number });

const sheetModel = z.looseObject({
  name: z.string(),
  official: z.looseObject({
    r2: number,
    percentOfCeiling: numberOrNull,
    floor: z.looseObject({ r2: floor, percent: floor.nullable() }).nullable(),
  }),
  rho: number,
  rhoBySubject: z.array(number),
  estimate: estimate.nullable(),
  aboveZero: estimateTest.nullable(),
  permutation: permutationTest.nullable(),
  againstLowerCeiling: estimateTest.extend({ difference: estimate }).nullable(),
});

const sheet = z.looseObject({
  comparator: z.enum(COMPARATOR_NAMES),
  averaging: z.enum(['raw', 'normalised']),
  over: z.enum(['both', 'stimuli', 'subjects']),
  nConditions: z.int(),
  nSubjects: z.int(),
  nTimes: z.int(),
  nSamples: z.int(),
  nPermutations: z.int(),
  models: z.array(sheetModel).min(1),
  comparisons: z.array(
    z.looseObject({ models: z.tuple([z.string(), z.string()]), difference: estimate, test: estimateTest.nullable() }),
  ),
  ceilingInUse: numberOrNull,
  ceilings: z.looseObject({ raw: ceiling, normalised: ceiling }).nullable(),
  lowerCeiling: estimate.nullable(),
  sharedSignal: z
    .looseObject({
      nShuffles: z.int(),
      lower: number,
      shuffled: floor,
      upperR2: number,
      shuffledUpperR2: floor,
      p: number,
    })
    .nullable(),
  warnings: z.array(z.looseObject({ code: z.enum(WARNING_CODES), text: z.string() })),
}) satisfies z.ZodType<ScoreSheet>;

const names = z.array(z.string());

/** scores.json: all of a scored set but its arrays. */
export const storedScores = z.looseObject({
  version: z.literal(1),
  /** Names of the images that were learnt from. */
  learnt: names,
  sets: z.array(
    z.looseObject({
      name: z.string(),
      role: z.enum(['test', 'held-out', 'learnt']),
      source: z.looseObject({ rdms: z.string(), variable: z.string().optional() }),
      digests: z.looseObject({ images: z.string(), rdms: z.string() }),
      conditions: names,
      labels: names.nullable(),
      nSubjects: z.int(),
      nTimes: z.int(),
      rivals: z.array(
        z.looseObject({ name: z.string(), kind: z.enum(['image', 'stage', 'network', 'learnt']), about: z.string() }),
      ),
      sheet,
    }),
  ),
});
