import { z } from 'zod';
import { type ScoreSheet, WARNING_CODES } from '../../inference/score-sheet.ts';
import { COMPARATOR_NAMES } from '../../rdm/comparators.ts';
import type { EpochMetrics } from '../../training/options.ts';
import { stageGroups } from '../tuning/stage-groups.ts';
import type { RunTuning, StageTuning } from '../tuning.ts';

// What a run's .json files must hold to be shown. Keys beyond these are kept, as later versions may add some.
const number = z.number();
const numberOrNull = z.number().nullable();
const interval = z.tuple([number, number]);

const ROUNDING = 1e-6;
const share = number.min(-ROUNDING).max(1 + ROUNDING);
const probability = number.min(0).max(1);

const stageTuning = z.looseObject({
  stage: z.string(),
  share,
  permutedShares: z.array(share),
  permuted: z.looseObject({ mean: share, sd: number.min(0).max(1).nullable() }).nullable(),
  z: numberOrNull,
  p: probability.nullable(),
  pFdr: probability.nullable().default(null),
  signedMeanMask: z.looseObject({ mean: number, ci95: interval.nullable() }),
  permutedSignedMeans: z.array(number).default([]),
}) satisfies z.ZodType<StageTuning>;

const furtherFits = z.array(z.looseObject({ name: z.string(), shares: z.array(share) }));

/** tuning.json; one of an older version knows nothing of groups of stages and of further fits. */
export const storedTuning = z
  .looseObject({
    stages: z.array(stageTuning).min(1),
    grouped: z.array(stageTuning).nullable().default(null),
    stability: z.looseObject({ seeds: furtherFits, splits: furtherFits }).nullable().default(null),
  })
  .refine(({ stages }) => areDifferent(stages.map(({ stage }) => stage)), 'expected stages of different names')
  .refine(
    ({ stages, grouped }) => [...stages, ...(grouped ?? [])].every((stage) => isBesideSame(stage, stages[0])),
    'expected every stage beside the same permuted fits',
  )
  .refine(({ stages, grouped }) => {
    const groups = stageGroups(stages.map(({ stage }) => stage));
    return (
      grouped === null ||
      sameTexts(
        grouped.map(({ stage }) => stage),
        groups?.map(({ name }) => name) ?? [],
      )
    );
  }, 'expected the stages that its blocks make up as grouped')
  .refine(
    ({ stages, stability }) =>
      [...(stability?.seeds ?? []), ...(stability?.splits ?? [])].every(
        ({ shares }) => shares.length === stages.length,
      ),
    'expected a share of each stage in every further fit',
  ) satisfies z.ZodType<RunTuning>;

/** Whether a stage is told beside as many permuted fits as another one; older versions have no signed means of them. */
function isBesideSame(stage: StageTuning, other: StageTuning): boolean {
  const nFits = other.permutedShares.length;
  const { permutedShares, permuted, p, permutedSignedMeans } = stage;
  return (
    permutedShares.length === nFits &&
    permutedSignedMeans.length === other.permutedSignedMeans.length &&
    [0, nFits].includes(permutedSignedMeans.length) &&
    [permuted, p].every((value) => (value === null) === (nFits === 0))
  );
}

function areDifferent(texts: readonly string[]): boolean {
  return new Set(texts).size === texts.length;
}

function sameTexts(some: readonly string[], others: readonly string[]): boolean {
  return some.length === others.length && some.every((text, k) => text === others[k]);
}

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
/** What a network is known by. */
export const key = z.looseObject({ name: z.string(), key: z.string() });
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
  warnings: z.array(
    z.looseObject({ code: z.enum(WARNING_CODES), text: z.string(), models: z.array(z.string()).exactOptional() }),
  ),
}) satisfies z.ZodType<ScoreSheet>;

const names = z.array(z.string());

/** scores.json: all of a scored set but its arrays. */
export const storedScores = z.looseObject({
  version: z.literal(1),
  /** Names of the images that were learnt from. */
  learnt: names,
  sets: z.array(
    z
      .looseObject({
        name: z.string(),
        role: z.enum(['test', 'held-out', 'learnt']),
        source: z.looseObject({ rdms: z.string(), variable: z.string().optional() }),
        digests: z.looseObject({ images: z.string(), rdms: z.string() }),
        conditions: names,
        labels: names.nullable(),
        nSubjects: z.int().positive(),
        nTimes: z.int().positive(),
        rivals: z.array(
          z.looseObject({ name: z.string(), kind: z.enum(['image', 'stage', 'network', 'learnt']), about: z.string() }),
        ),
        sheet,
      })
      .refine(({ conditions }) => areDifferent(conditions), 'expected images of different names')
      .refine(
        ({ labels, conditions }) => labels === null || labels.length === conditions.length,
        'expected a category for each image',
      )
      .refine(
        ({ sheet: { nConditions, nSubjects, nTimes, models }, ...set }) =>
          nConditions === set.conditions.length &&
          nSubjects === set.nSubjects &&
          nTimes === set.nTimes &&
          models.every(({ rhoBySubject }) => rhoBySubject.length === nSubjects),
        'expected a sheet of as many images, subjects and times as the set has',
      )
      .refine(({ sheet: { models }, rivals }) => {
        const known = [models[0].name, ...rivals.map(({ name }) => name)];
        return (
          areDifferent(known) &&
          areDifferent(models.map(({ name }) => name)) &&
          models.every(({ name }) => known.includes(name))
        );
      }, 'expected a sheet of the fit and the rivals beside it'),
  ),
});
