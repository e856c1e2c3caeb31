import type { StageShape } from '../backbones/backbone.ts';
import { HypercolumnError, ShapeError, UsageError } from '../core/errors.ts';
import { embeddingWeights } from '../encoder/channel-weights.ts';
import { compareEmbeddingsBy } from '../features/embedding.ts';
import { makeRdm, type Rdm } from '../rdm/rdm.ts';
import type { Environment } from './environment.ts';
import { openFeatureOrigin } from './features.ts';
import { sayingFit } from './overall-progress.ts';
import { type KnownImages, knownImages, overlapWarning } from './overlap.ts';
import { rdmEnding, saveRdms } from './rdms/save-rdms.ts';
import type { FitFiles } from './runs/fit-files.ts';
import { type FittedRun, readRun } from './runs/run-folder.ts';
import { readScored, SCORED_FILES } from './runs/scored-files.ts';
import type { Study } from './settings/study-file.ts';

/** What to predict from, and how the results are called. */
export interface PredictOptions {
  /** Folder of the new images. */
  readonly images: string;
  /** One name a run; by default the variable of its study's data where all of them have the same, else `rdm`. */
  readonly variables?: readonly string[];
  /** For runs on `features:FILE`: the file that holds the new images' activations, if another one. */
  readonly features?: string;
  /** Each run's network as it is named now, where its files may have moved since the fit; as the run's study names it by default. */
  readonly backbones?: readonly Study['backbone'][];
}

/**
 * RDMs of new images as fitted encoders predict them: 1 - Pearson of the embeddings, without the readout, which belongs to the data sets of
 * the fit.
 * @param runs folders that `fit` wrote
 * @returns by variable
 * @throws UsageError where two runs would give the same variable, or the weights are not those of the fit; ShapeError where stages are not
 */
export async function predictRdms(
  runs: readonly string[],
  { images, variables, features, backbones }: PredictOptions,
  environment: Environment,
): Promise<Record<string, Rdm>> {
  if (variables !== undefined && variables.length !== runs.length) {
    throw new UsageError(`--variable: expected a name for each of ${runs.length} runs, got ${variables.length}`);
  }
  const fitted: FittedRun[] = [];
  for (const [k, folder] of runs.entries()) {
    const run = await readRun(folder, environment);
    const backbone = backbones?.[k] ?? run.study.backbone;
    fitted.push({ ...run, study: { ...run.study, backbone } });
  }
  const names = variables ?? fitted.map(({ study }) => defaultVariable(study));
  const double = names.find((name, k) => names.indexOf(name) !== k);
  if (double !== undefined) {
    throw new UsageError(`predict: two runs would both be called ${double}; name them with --variable A B`);
  }
  await sayOverlaps(runs, images, environment);
  const rdms: [variable: string, rdm: Rdm][] = [];
  for (const [k, run] of fitted.entries()) {
    const options = { images, ...(features !== undefined && { features }) };
    rdms.push([names[k], await predictRdm(run, runs[k], options, environment)]);
  }
  return Object.fromEntries(rdms); // unlike an assignment, it takes __proto__ for a name
}

/** Says which of the new images a run learnt from; runs of older versions do not tell. */
async function sayOverlaps(runs: readonly string[], images: string, environment: Environment): Promise<void> {
  let shown: KnownImages | undefined;
  for (const folder of runs) {
    if (!(await environment.isThere(environment.joinPath(folder, SCORED_FILES.sheets)))) continue;
    try {
      const { learnt } = await readScored(folder, environment);
      shown ??= await knownImages(await environment.listImages(images));
      const warning = overlapWarning(shown, learnt);
      if (warning !== null) environment.onNotice(`${folder}: ${warning.text}`);
    } catch (error) {
      if (!(error instanceof HypercolumnError)) throw error;
      environment.onNotice(`whether images were learnt from cannot be told: ${error.message}`);
    }
  }
}

/** Predicts and writes a file of the kind its ending names; every array is n x n under its variable. */
export async function predictToFile(
  runs: readonly string[],
  out: string,
  options: PredictOptions,
  environment: Environment,
): Promise<Record<string, Rdm>> {
  rdmEnding(out, runs.length); // before the network runs
  await environment.checkWritable(out);
  const rdms = await predictRdms(runs, options, environment);
  await saveRdms(out, rdms, environment);
  return rdms;
}

/** The mean of what the run's fits predict. */
async function predictRdm(
  { study, fits }: FittedRun,
  folder: string,
  options: Pick<PredictOptions, 'images' | 'features'>,
  environment: Environment,
): Promise<Rdm> {
  const passes = passesOf(fits);
  const rdms: Rdm[] = [];
  for (const [k, pass] of passes.entries()) {
    const ours = sayingFit(environment, k, passes.length);
    rdms.push(...(await predictPass(study, pass, folder, options, ours)));
  }
  const [{ values, conditions }] = rdms;
  const mean = values.map((_, pair) => rdms.reduce((sum, rdm) => sum + rdm.values[pair], 0) / rdms.length);
  return makeRdm(mean, conditions);
}

/** Fits that look at the images through the same network, which then looks once: all of them, or each by itself where its weights moved. */
function passesOf(fits: readonly FitFiles[]): (readonly FitFiles[])[] {
  const alike = fits.every(({ tuned, featuresKey }) => tuned === undefined && featuresKey === fits[0].featuresKey);
  return alike ? [fits] : fits.map((fit) => [fit]);
}

/** What each of some fits of the same features predicts. */
async function predictPass(
  { backbone, training }: Study,
  fits: readonly FitFiles[],
  folder: string,
  { images, features }: Pick<PredictOptions, 'images' | 'features'>,
  environment: Environment,
): Promise<Rdm[]> {
  const [{ featuresKey, tuned }] = fits;
  const { crop } = training;
  const origin = await openFeatureOrigin(withFeatureFile(backbone, features), environment, { crop, tuned });
  try {
    if (origin.key !== featuresKey) {
      const file = backbone.architecture.startsWith('features:');
      throw new UsageError(
        file
          ? `${folder}: ${origin.name} is not of the network, preprocessing and stages that it was fitted with; extract the new images as those of the fit, or fit again`
          : `${folder}: the weights or stages of ${origin.name} are not those it was fitted with; bring the same file back or fit again`,
      );
    }
    const stimuli = await environment.listImages(images);
    const stream = await origin.streamOf(stimuli);
    for (const { encoder } of fits) checkStages(stream.stages, encoder.stages, folder);
    const { openScratch, gram, onProgress } = environment;
    const weights = fits.map(({ encoder }) => embeddingWeights(encoder));
    const compared = await compareEmbeddingsBy(stream, weights, { openScratch, gram, onProgress });
    return compared.map(({ dissimilarities }) => makeRdm(dissimilarities, stream.conditions));
  } finally {
    await origin.release();
  }
}

/** A file of activations can hold other arrays of the same names than the one of the fit. */
function checkStages(got: readonly StageShape[], expected: readonly StageShape[], folder: string): void {
  const [there, wanted] = [got, expected].map((stages) =>
    stages.map(({ name, channels, height, width }) => `${name} ${channels} x ${height} x ${width}`).join(', '),
  );
  if (there !== wanted) throw new ShapeError(`${folder}: it was fitted on the stages ${wanted}, got ${there}`);
}

function withFeatureFile(backbone: Study['backbone'], features: string | undefined): Study['backbone'] {
  if (features === undefined) return backbone;
  if (!backbone.architecture.startsWith('features:')) {
    throw new UsageError(
      `--features: the run was fitted with ${backbone.architecture}, which looks at the images itself; leave it out`,
    );
  }
  return { ...backbone, architecture: `features:${features}` };
}

function defaultVariable({ data }: Study): string {
  const [{ variable }, ...others] = data;
  return variable !== undefined && others.every((entry) => entry.variable === variable) ? variable : 'rdm';
}
