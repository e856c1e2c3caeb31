import type { Encoder } from '../encoder/encoder.ts';
import type { EpochMetrics } from '../training/options.ts';
import { checkSampling } from './check-sampling.ts';
import type { Environment } from './environment.ts';
import type { TunedWeights } from './features.ts';
import { type FitInput, withFitInput } from './fit-input.ts';
import { type ComparedGround, groundOf } from './runs/fit-ground.ts';
import type { FitKeeper, PartialRun } from './runs/partial-run.ts';
import { type Scoring, scoreFits } from './scoring/score-fits.ts';
import { fitSeeds, meanPrediction, neverLearnt, type SeedFit } from './seed-fits.ts';
import { type SetSummary, summariseSets } from './set-summary.ts';
import type { Study } from './settings/study-file.ts';
import { foretellTuning } from './tuning/foretell.ts';
import { checkAllKeptAsked } from './tuning/permuted-fits.ts';
import { tuningOfFits } from './tuning/tuning-of-fits.ts';
import type { RunTuning } from './tuning.ts';

/** What one fit leaves behind. */
export interface RunFit {
  readonly seed: number;
  /** The network's name and what its features are known by, with its own weights where these moved. */
  readonly features: { readonly name: string; readonly key: string };
  readonly encoder: Encoder;
  /** The network's weights where they were trained; undefined where they are those that the study names. */
  readonly tuned: TunedWeights | undefined;
  readonly metrics: readonly EpochMetrics[];
  /** The epoch whose parameters were kept. */
  readonly keptEpoch: number;
  readonly sets: readonly SetSummary[];
}

/** Everything a study's fits leave behind; what stands at the top is of the first. */
export interface StudyRun extends Omit<RunFit, 'seed' | 'tuned'> {
  readonly study: Study;
  /** Version of this package. */
  readonly version: string;
  /** The engine that computed the features. */
  readonly engine: string;
  /** What the fits rest on: the network before anything was learnt, and the data. */
  readonly ground: ComparedGround;
  /** One a seed. */
  readonly fits: readonly RunFit[];
  /** How well the mean of all fits' predictions does. */
  readonly sets: readonly SetSummary[];
  /** Of the first fit, as the permuted fits start from its seed. */
  readonly tuning: RunTuning;
  /** How the mean of all fits stands on images, beside its rivals. */
  readonly scoring: Scoring;
}

/** How a study is run, beside what it says itself. */
export interface RunStudyOptions {
  readonly nPermutations?: number;
  readonly stability?: boolean;
  readonly partial?: PartialRun;
}

/**
 * The product on a page: images become stage features and their pair statistics, subjects' RDMs become targets, the encoder learns what makes
 * the one predict the other, a mask alone or the network's weights with it, its tuning to stages is held against fits of label-permuted
 * RDMs, and its prediction of other images against its rivals and the noise ceiling.
 * @param study what to learn from what
 * @param environment the platform it runs on
 * @param options of the tuning and of what is kept meanwhile
 * @param options.nPermutations permuted fits for the tuning; 0 for none
 * @param options.stability whether fits of other seeds and splits show how much of the tuning stays
 * @param options.partial where the fits are kept while they are under way, and gone on with
 * @throws UsageError where more permuted fits are kept there than are asked for, beside what opening the study's parts and fitting throw
 */
export async function runStudy(
  study: Study,
  environment: Environment,
  { nPermutations = 0, stability = false, partial }: RunStudyOptions = {},
): Promise<StudyRun> {
  const foretell = foretellTuning(study, { nPermutations, stability }, environment);
  let keeper: FitKeeper | undefined;
  const fitAll = async (input: FitInput) => {
    const startedAt = performance.now();
    const fits = await fitSeeds(input, environment, keeper);
    if (!keeper?.goesOn) foretell((performance.now() - startedAt) / 1000 / fits.length);
    const tuning = await tuningOfFits(input, fits, { nPermutations, stability }, environment, keeper);
    const scoring = await scoreFits(input, fits, environment);
    return runOf(input, fits, { tuning, scoring }, environment);
  };
  try {
    return await withFitInput(study, environment, fitAll, async (input) => {
      checkSampling(input);
      keeper = await partial?.begin(input);
      if (keeper !== undefined) checkAllKeptAsked(keeper, nPermutations);
    });
  } catch (error) {
    await partial?.flush().catch(() => {}); // the first error says more than that of a full disk after it
    throw error;
  }
}

async function runOf(
  input: FitInput,
  seedFits: readonly SeedFit[],
  found: Pick<StudyRun, 'tuning' | 'scoring'>,
  environment: Environment,
): Promise<StudyRun> {
  const { study, sets } = input;
  const { version, engine } = environment;
  const { network, data } = await groundOf(input, environment);
  const fits = seedFits.map(({ seed, features, encoder, tuned, metrics, keptEpoch, predicted, heldOut }) => ({
    ...{ seed, features, encoder, tuned, metrics, keptEpoch },
    sets: summariseSets(sets, predicted, heldOut),
  }));
  const [{ encoder, features, metrics, keptEpoch }] = fits;
  return {
    ...{ study, version, ground: { network, data } },
    ...{ engine: engine.name, features, encoder, metrics, keptEpoch, fits, ...found },
    sets: summariseSets(sets, meanPrediction(seedFits), neverLearnt(seedFits)),
  };
}
