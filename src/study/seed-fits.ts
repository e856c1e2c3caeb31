import { assessFit, type EncoderFit, fitEncoder } from './encoder-fit.ts';
import type { Environment } from './environment.ts';
import type { FeatureOrigin } from './features.ts';
import type { FitInput } from './fit-input.ts';

/** One of a study's fits, and what it makes of the study's images. */
export interface SeedFit extends EncoderFit {
  /** What its features are known by, those of its own weights where these moved. */
  readonly features: Pick<FeatureOrigin, 'name' | 'key'>;
  /** For each data set its images' predicted dissimilarities, condensed. */
  readonly predicted: readonly Float64Array[];
  /** Share of each stage in the variance of the embedding. */
  readonly shares: readonly number[];
}

/** The fits of all seeds of a study, one after the other. */
export async function fitSeeds(input: FitInput, environment: Environment): Promise<SeedFit[]> {
  const { seed, seeds } = input.study.training;
  const fits: SeedFit[] = [];
  for (let k = 0; k < seeds; k++) {
    const fit = await fitEncoder(input, seed + k, said(environment, k, seeds));
    const { predicted, shares, features } = await assessFit(fit, input, environment);
    fits.push({ ...fit, predicted, shares, features: { name: features.name, key: features.key } });
  }
  return fits;
}

/** Mean over fits of each data set's predicted dissimilarities. */
export function meanPrediction(fits: readonly Pick<SeedFit, 'predicted'>[]): readonly Float64Array[] {
  if (fits.length === 1) return fits[0].predicted;
  return fits[0].predicted.map((first, set) =>
    first.map((_, pair) => fits.reduce((sum, { predicted }) => sum + predicted[set][pair], 0) / fits.length),
  );
}

/** For each data set the images that no fit learnt from. */
export function neverLearnt(fits: readonly Pick<SeedFit, 'heldOut'>[]): readonly (readonly number[])[] {
  return fits[0].heldOut.map((images, set) =>
    images.filter((image) => fits.every(({ heldOut }) => heldOut[set].includes(image))),
  );
}

/** The environment, whose progress says which of several fits goes on. */
function said(environment: Environment, k: number, seeds: number): Environment {
  if (seeds === 1) return environment;
  return {
    ...environment,
    onProgress: (progress) =>
      environment.onProgress({ ...progress, phase: `${progress.phase}, fit ${k + 1} of ${seeds}` }),
  };
}
