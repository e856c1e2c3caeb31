import { createSampler } from '../training/loop.ts';
import { pairList } from '../training/pair-list.ts';
import { splitOf } from '../training/problem.ts';
import { trainingSettings } from '../training/settings.ts';
import { trainingOptions } from './encoder-fit.ts';
import type { FitInputUnseen } from './fit-input.ts';

/**
 * Asserts that a study's images, less those held out, give what its sampler asks for: before the network has seen one.
 * @throws UsageError naming the data set that has too few
 */
export function checkSampling({ study, images }: Pick<FitInputUnseen, 'study' | 'images'>): void {
  const settings = trainingSettings(trainingOptions(study));
  const sets = images.map(({ name, imageSet, stimuli }) => ({
    ...{ name, imageSet },
    statistics: { conditions: stimuli.map((stimulus) => stimulus.name) },
  }));
  const trained = splitOf(sets, settings).map(({ trainingPairs }) => trainingPairs);
  const pairs = pairList(
    sets.map(({ statistics: { conditions } }) => conditions.length),
    [trained],
  );
  createSampler({ sets, pairs, nTrainingPairs: pairs.length }, settings);
}
