import type { Study } from '../settings/study-file.ts';

/** The paper's learning rate of everything. */
const PAPER_RATE = 0.01;

/** Something that the paper did otherwise: a line where a study does it, else undefined. */
type Deviation = (study: Pick<Study, 'encoder' | 'training'>) => string | undefined;

const DEVIATIONS: readonly Deviation[] = [
  ({ encoder, training: { learningRate } }) =>
    encoder.train === 'all' && learningRate.backbone !== PAPER_RATE
      ? `learning rate of the network's weights ${learningRate.backbone}; the paper names ${PAPER_RATE} for everything`
      : undefined,
  ({ encoder, training: { sampler } }) =>
    encoder.train === 'all' && sampler === 'cliques'
      ? 'with all weights, cliques of images and all their pairs a step; the paper takes 40 random pairs'
      : undefined,
  ({ encoder, training: { crop } }) =>
    encoder.train === 'mask' && encoder.mask !== 'feature' && crop === 'random'
      ? 'with the mask alone, one random crop an image an epoch; the paper crops an image anew each time it meets it'
      : undefined,
  ({ training: { holdout } }) =>
    holdout?.by === 'image'
      ? `${holdout.fraction === 0.1 ? 'a tenth' : `a part of ${holdout.fraction}`} of the images held out; the paper holds out a tenth of the pairs, whose images are learnt from in others`
      : undefined,
  ({ training: { holdout } }) =>
    holdout === undefined
      ? undefined
      : 'the epoch with the lowest loss on what is held out is kept, so that scores there are a little too good; the paper tells the number of epochs alone',
];

/** Where studies made of the presets are not what the paper says it did, a line each; what none of them does is left out. */
export function paperDeviations(studies: readonly Pick<Study, 'encoder' | 'training'>[]): string[] {
  const lines = DEVIATIONS.flatMap((deviation) => studies.flatMap((study) => deviation(study) ?? []));
  return [...new Set(lines)];
}
