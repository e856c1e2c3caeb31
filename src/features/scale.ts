import { ShapeError, UsageError } from '../core/errors.ts';
import { checkPairStatistics, type PairStatistics } from './pair-statistics.ts';
import { layOutStages } from './stage-layout.ts';

/**
 * Factors that bring every channel to about unit energy before the mask: k_c = 1 / sqrt(e_c / mean(e) + epsilon), e_c the sum of squares
 * over the training images and positions, the mean over channels. Channels that are always 0 get 1 / sqrt(epsilon), which changes nothing.
 * @param statistics one a set of images: pass each set of images once, whatever the number of targets it has
 * @param trainingImages for each set the rows that may be learnt from; an image counts once however often it is named
 * @param options how they are scaled
 * @param options.epsilon keeps channels that hardly respond from being blown up
 * @param options.split whether each channel's pattern and mean get a factor of their own, from the energy of each
 * @returns one factor a channel, all stages concatenated; with `split` one a pattern, then one a mean
 * @throws ShapeError where the sets have other stages, or a row is not there; UsageError where there are no training images, or all their
 *   features are 0
 */
export function channelScale(
  statistics: readonly PairStatistics[],
  trainingImages: readonly (readonly number[])[],
  { epsilon = 1e-3, split = false }: { readonly epsilon?: number; readonly split?: boolean } = {},
): Float64Array {
  if (statistics.length === 0 || statistics.length !== trainingImages.length) {
    throw new ShapeError(
      `channel scale: expected training images for each of ${statistics.length} sets (one or more), got ${trainingImages.length}`,
    );
  }
  const { nChannels, places } = layOutStages(statistics[0].stages);
  const energies = new Float64Array(nChannels);
  const ofMeans = new Float64Array(nChannels);
  statistics.forEach((set, k) => {
    checkPairStatistics(set);
    checkSameStages(set, statistics[0]);
    for (const image of new Set(trainingImages[k])) {
      if (!(image in set.conditions)) {
        throw new ShapeError(`channel scale: expected rows from 0 to ${set.conditions.length - 1}, got ${image}`);
      }
      for (let c = 0; c < nChannels; c++) energies[c] += set.energies[image * nChannels + c];
      for (const { stage, firstChannel, nPositions } of places) {
        for (let c = firstChannel; c < firstChannel + stage.channels; c++) {
          ofMeans[c] += set.sums[image * nChannels + c] ** 2 / nPositions;
        }
      }
    }
  });
  const parts = split ? partsOf(energies, ofMeans) : energies;
  const mean = parts.reduce((sum, energy) => sum + energy, 0) / parts.length;
  if (!(mean > 0)) {
    throw new UsageError('channel scale: all features of the training images are 0, or there are no training images');
  }
  return parts.map((energy) => 1 / Math.sqrt(energy / mean + epsilon));
}

/**
 * Asserts that features come from the same stages as those of another set.
 * @throws ShapeError naming both
 */
export function checkSameStages(set: Pick<PairStatistics, 'stages'>, first: Pick<PairStatistics, 'stages'>): void {
  const [got, expected] = [set, first].map(({ stages }) =>
    stages.map(({ name, channels, height, width }) => `${name} ${channels} x ${height} x ${width}`).join(', '),
  );
  if (got !== expected) throw new ShapeError(`stages: expected those of the other features, ${expected}, got ${got}`);
}

/** Energies of all patterns, then of all means. */
function partsOf(energies: Float64Array, ofMeans: Float64Array): Float64Array {
  const parts = new Float64Array(2 * energies.length);
  for (let c = 0; c < energies.length; c++) parts[c] = Math.max(0, energies[c] - ofMeans[c]);
  parts.set(ofMeans, energies.length);
  return parts;
}
