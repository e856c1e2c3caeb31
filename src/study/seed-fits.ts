import { assessFit, type EncoderFit, fitEncoder } from './encoder-fit.ts';
import type { Environment } from './environment.ts';
import type { FeatureOrigin } from './features.ts';
import type { FitInput } from './fit-input.ts';
import { sayingFit } from './overall-progress.ts';
import type { FitKeeper } from './runs/partial-run.ts';

/** One of a study's fits, and what it makes of the study's images. */
export interface SeedFit extends EncoderFit {
  /** What its features are known by, those of its own weights where these moved. */
  readonly features: Pick<FeatureOrigin, 'name' | 'key'>;
  /** For each data set its images' predicted dissimilarities, condensed. */
  readonly predicted: readonly Float64Array[];
  /** For each data set what each stage adds to them, nStages x nPairs; null where that is not known. */
  readonly stageParts: readonly (Float64Array | null)[];
  /** The same of the images that are only scored on. */
  readonly tests: Pick<SeedFit, 'predicted' | 'stageParts'>;
  /** Share of each stage in the variance of the embedding. */
  readonly shares: readonly number[];
}

/**
 * The fits of all seeds of a study, one after the other.
 * @param keeper where given, each fit is kept while it is under way, goes on where it was stopped, and may be stopped
 */
export async function fitSeeds(input: FitInput, environment: Environment, keeper?: FitKeeper): Promise<SeedFit[]> {
  const { seed, seeds } = input.study.training;
  const fits: SeedFit[] = [];
  for (let k = 0; k < seeds; k++) {
    const ours = sayingFit(environment, k, seeds);
    const before = await keeper?.finished(k);
    const fit = before ?? (await fitKept(input, seed + k, ours, k, keeper));
    const { predicted, stageParts, shares, features } = await assessFit(fit, input, ours);
    if (before === undefined) await keeper?.finish(fit, features.key);
    const tests = await assessTests(fit, input, ours);
    const { name, key } = features;
    fits.push({ ...fit, predicted, stageParts, shares, tests, features: { name, key } });
  }
  return fits;
}

function fitKept(input: FitInput, seed: number, environment: Environment, k: number, keeper: FitKeeper | undefined) {
  if (keeper === undefined) return fitEncoder(input, seed, environment);
  const { stoppable = (work) => work(new AbortController().signal) }: Pick<Environment, 'stoppable'> = environment;
  const resume = keeper.resume(k);
  return stoppable((signal) =>
    fitEncoder(input, seed, environment, {
      signal,
      ...(resume !== undefined && { resume }),
      onCheckpoint: keeper.keep,
      checkpointPlace: keeper.place,
    }),
  );
}

async function assessTests(fit: EncoderFit, input: FitInput, environment: Environment): Promise<SeedFit['tests']> {
  if (input.tests.images.length === 0) return { predicted: [], stageParts: [] };
  return assessFit(fit, { ...input, ...input.tests }, environment);
}

/** Mean over fits of each data set's predicted dissimilarities. */
export function meanPrediction(fits: readonly Pick<SeedFit, 'predicted'>[]): readonly Float64Array[] {
  return fits[0].predicted.map((_, set) => meanOf(fits.map(({ predicted }) => predicted[set])));
}

/** Mean over fits of what each stage adds to each data set's predictions. */
export function meanStageParts(fits: readonly Pick<SeedFit, 'stageParts'>[]): readonly (Float64Array | null)[] {
  return fits[0].stageParts.map((_, set) => {
    const parts = fits.flatMap(({ stageParts }) => stageParts[set] ?? []);
    return parts.length === fits.length ? meanOf(parts) : null;
  });
}

function meanOf(values: readonly Float64Array[]): Float64Array {
  if (values.length === 1) return values[0];
  return values[0].map((_, k) => values.reduce((sum, each) => sum + each[k], 0) / values.length);
}

/** For each data set the images that no fit learnt from. */
export function neverLearnt(fits: readonly Pick<SeedFit, 'heldOut'>[]): readonly (readonly number[])[] {
  return fits[0].heldOut.map((images, set) =>
    images.filter((image) => fits.every(({ heldOut }) => heldOut[set].includes(image))),
  );
}
