import { z } from 'zod';
import { LARGEST_SEED } from '../../core/random.ts';
import { DEFAULT_RATES } from '../../training/defaults.ts';

const positive = z.number().positive();
const count = z.int().positive();

/** A seed of random numbers. */
export const seed = z.int().min(0).max(LARGEST_SEED).default(0);

/** Most seeds of a study. */
export const MOST_FITS = 100;

const SCHEDULES = z.enum(['constant', 'cosine']);

/** A study's `training`: how it is learnt. */
export const training = z.strictObject({
  epochs: count.default(15),
  maskEpochs: z
    .int()
    .min(0)
    .default(15)
    .meta({ description: 'with train: all, epochs in which the mask alone learns first; 0 starts from ones' }),
  batch: count
    .default(40)
    .meta({ description: 'pairs a batch, with sampler: pairs; an epoch is pairs / batch of them' }),
  sampler: z.enum(['pairs', 'cliques']).optional().meta({
    description:
      'pairs: random ones; cliques: random images of one set and all their pairs, which needs fewer images for as many pairs; pairs with train: mask and cliques with train: all where nothing is said',
  }),
  cliqueSize: z.int().min(2).default(12).meta({
    description:
      'images of a clique, which is a batch, with sampler: cliques; an epoch is pairs / (m (m - 1) / 2) cliques of m images',
  }),
  accumulate: count.default(1).meta({ description: 'batches whose gradients are averaged to one step' }),
  crop: z.enum(['none', 'random']).default('none').meta({
    description:
      'random: each time an image is met, another window of it, 7/8 of its height and width; with train: mask one an image an epoch',
  }),
  time: z
    .union([
      z.literal('mean'),
      z.strictObject({ centre: z.number().min(0).max(1).default(0.5), width: positive.default(0.25) }),
    ])
    .default('mean')
    .meta({
      description:
        'of RDMs nSubjects x nTimes x n x n the mean over times, or the time point of each value drawn anew each time it is met: Gaussian, centre and standard deviation as fractions of the window',
    }),
  learningRate: z
    .union([
      positive.transform((rate) => ({ mask: rate, readout: rate, backbone: rate })),
      z.strictObject({
        mask: positive.default(DEFAULT_RATES.mask),
        readout: positive.default(DEFAULT_RATES.readout),
        backbone: positive.default(DEFAULT_RATES.backbone),
      }),
    ])
    .default(DEFAULT_RATES)
    .meta({ description: 'one number sets all' }),
  schedule: z
    .union([
      SCHEDULES.transform((kind) => ({ kind, warmup: 0 })),
      z.strictObject({ kind: SCHEDULES.default('constant'), warmup: z.number().nonnegative().default(0) }),
    ])
    .default({ kind: 'constant', warmup: 0 })
    .meta({ description: 'of the learning rates; warmup in epochs, fractions too' }),
  optimiser: z.enum(['adam', 'adamw']).default('adam'),
  weightDecay: z
    .number()
    .nonnegative()
    .optional()
    .meta({ description: 'of adamw, 0.01 where nothing is said; adam has none' }),
  clip: z
    .union([z.literal('none'), positive])
    .default('none')
    .meta({ description: 'largest norm of the whole gradient' }),
  loss: z.enum(['l1', 'mse']).default('l1'),
  reliability: z
    .union([
      z.literal('none'),
      z.strictObject({ alpha: z.number().nonnegative().default(0.25), beta: z.number().nonnegative().default(1) }),
    ])
    .default({ alpha: 0.25, beta: 1 })
    .meta({ description: 'weight of a pair: (1 / (N + alpha mean(N)))^beta, N its standard deviation over subjects' }),
  imagesPerPass: count.default(16).meta({
    description:
      'images that go through the network at once, with sampler: pairs; changes memory, not results beyond rounding',
  }),
  holdout: z
    .strictObject({ by: z.enum(['image', 'pair']).default('image'), fraction: z.number().gt(0).lt(1).default(0.1) })
    .optional()
    .meta({
      description: 'keeps the epoch with the lowest loss on what is held out; without it the last epoch is kept',
    }),
  patience: z
    .union([z.literal('none'), count])
    .default('none')
    .meta({ description: 'epochs without a lower loss on what is held out before the fit stops' }),
  seed,
  seeds: z.int().min(1).max(MOST_FITS).default(1).meta({
    description:
      'that many fits, of seed, seed + 1 and so on, which hold out what the first does; predictions are the mean of their RDMs',
  }),
});
