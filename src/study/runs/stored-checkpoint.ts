import { z } from 'zod';
import { key, storedMetrics } from './stored-schemas.ts';

// What a checkpoint's document must hold to be gone on with: a process of this package wrote it whole, but hands may have been at it since.
const numbers = z.array(z.number());
const count = z.int().nonnegative();

const finished = z.looseObject({
  seed: count,
  metrics: z.array(storedMetrics),
  keptEpoch: count,
  nTrainingPairs: count,
  nValidationPairs: count,
  heldOut: z.array(z.array(count)),
});

const progress = z
  .looseObject({
    epoch: z.int().positive(),
    step: count,
    lossSum: z.number(),
    sampler: z.array(z.int()).length(5),
    metrics: z.array(storedMetrics),
    keptEpoch: count,
  })
  .refine(({ epoch, metrics }) => metrics.length === epoch - 1, 'expected metrics of each epoch that is through')
  .refine(({ epoch, keptEpoch }) => keptEpoch < epoch, 'expected an epoch that is through as the kept one');

/** The document in a checkpoint's metadata; its study is checked as any other. */
export const storedCheckpoint = z
  .looseObject({
    ground: z.looseObject({
      study: z.looseObject({
        training: z.looseObject({ epochs: z.int().positive(), seeds: z.int().positive() }),
        data: z.array(z.unknown()).min(1),
      }),
      network: key,
      data: z.array(z.looseObject({ name: z.string(), imageSet: z.string(), images: z.string(), rdms: z.string() })),
      machine: z.record(z.string(), z.union([z.string(), z.number()])),
    }),
    finished: z.array(finished),
    permuted: z.array(
      z.looseObject({
        shares: numbers,
        signedMeanMasks: z.array(
          z.looseObject({ mean: z.number(), ci95: z.tuple([z.number(), z.number()]).nullable() }),
        ),
      }),
    ),
    at: z
      .looseObject({ progress, values: z.looseObject({ step: count.optional(), kept: z.boolean().optional() }) })
      .optional(),
  })
  .refine(({ ground: { study, data } }) => data.length === study.data.length, 'expected digests of each data set')
  .refine(
    ({ ground, at }) => (at?.progress.epoch ?? 1) <= ground.study.training.epochs + 1,
    'expected an epoch of those that the study has',
  )
  .refine(
    ({ ground, finished: fits }) =>
      fits.length <= ground.study.training.seeds && fits.every(({ heldOut }) => heldOut.length === ground.data.length),
    'expected fits of the seeds and data sets that the study has',
  );
