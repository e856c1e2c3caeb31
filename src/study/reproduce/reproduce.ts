import { UsageError } from '../../core/errors.ts';
import type { ListFolder } from '../../core/folder-listing.ts';
import { TRACKS } from '../../rdm/benchmarks.ts';
import { type Environment, readText } from '../environment.ts';
import { overallProgress } from '../overall-progress.ts';
import { predictRdms } from '../predict.ts';
import { saveRdms } from '../rdms/save-rdms.ts';
import { runStudy } from '../run.ts';
import { openPartialRun } from '../runs/partial-run.ts';
import { RUN_CONTENTS, RUN_FILES, writeRun } from '../runs/run-folder.ts';
import type { SetSummary } from '../set-summary.ts';
import { resolvePaths } from '../settings/paths.ts';
import { CHALLENGE_SIZES, type ChallengeData, type ChallengeSizes, findChallengeData } from './challenge-data.ts';
import { paperDeviations } from './paper-deviations.ts';
import { isFinished } from './reproduce-finished.ts';
import { chooseNetwork, PAPER_NETWORK } from './reproduce-network.ts';
import { type TestScore, testScores, trackPercentages } from './reproduce-scores.ts';
import {
  type Configuration,
  challengeStudies,
  missingData,
  PAPER_ROWS,
  type PaperRow,
  quickSaid,
  setName,
} from './reproduce-studies.ts';

/** The challenge's names of the files that are handed in, by track. */
const SUBMISSIONS = { fmri: 'submit_fmri.mat', meg: 'submit_meg.mat' } as const;

/** What to reproduce from, and how. */
export interface ReproduceOptions {
  /** Folder of the challenge's data. */
  readonly data: string;
  /** Folder of the runs and submissions; runs that are in it already are not fitted again. */
  readonly out: string;
  /** Weights of the network; those downloaded or found near the data by default. */
  readonly weights?: string | undefined;
  readonly quick?: boolean;
  /** Whether fits that were stopped start again. */
  readonly restart?: boolean;
  /** Changes to all four studies, as `--set` gives them. */
  readonly overrides?: readonly string[];
  readonly listFolder: ListFolder;
  /** Makes a path that the user typed absolute. */
  readonly resolvePath: (path: string) => string;
  readonly sizes?: ChallengeSizes;
}

/** What came of a row of the paper's Table 1. */
export interface ReproducedRow extends Pick<PaperRow, 'key' | 'label' | 'variable' | 'preset' | 'paper'> {
  /** The run's folder; null where the data do not allow it. */
  readonly run: string | null;
  /** On the test images; null where they or their RDMs are not there. */
  readonly test: TestScore | null;
  /** On the images of each training set with this row's RDMs that were held out. */
  readonly heldOut: readonly Pick<SetSummary, 'name' | 'heldOut'>[];
}

/** A reproduction of the paper's Table 1, as far as the data allow. */
export interface Reproduction {
  /** The network, and whether it is the paper's. */
  readonly network: { readonly architecture: string; readonly ofPaper: boolean };
  readonly quick: boolean;
  readonly rows: readonly ReproducedRow[];
  /** % of the noise ceiling on the test images; null where a row of the track has none. */
  readonly tracks: Readonly<Record<'fmri' | 'meg', number | null>>;
  /** Files for the challenge's scripts; null where nothing could be predicted. */
  readonly submissions: Readonly<Record<'fmri' | 'meg', string | null>>;
  /** What the challenge had and is not here, a line each. */
  readonly missing: readonly string[];
  /** Where this is not what the paper did, a line each. */
  readonly deviations: readonly string[];
}

/**
 * The four configurations of the paper's Table 1: fits each on what there is of the challenge's data, predicts the test images, writes what
 * its scripts read, and scores what can be scored. A run that is finished is taken as it is, one that was stopped goes on.
 * @throws UsageError where data or weights are not there, or the folder holds runs of other settings
 */
export async function reproduce(options: ReproduceOptions, environment: Environment): Promise<Reproduction> {
  const { out, quick = false, overrides = [], resolvePath, sizes = CHALLENGE_SIZES } = options;
  const { joinPath, onNotice } = environment;
  const data = await findChallengeData(options.data, environment, options.listFolder, sizes);
  const backbone = overrides.some((each) => each.startsWith('backbone.architecture='))
    ? options.weights === undefined
      ? {}
      : { weights: options.weights }
    : await chooseNetwork(options, environment);
  const configurations = challengeStudies(data, { backbone, quick, overrides }).map((each) => ({
    ...each,
    study: resolvePaths(each.study, resolvePath),
    run: joinPath(out, each.key),
  }));
  if (configurations.length === 0) {
    throw new UsageError(`${options.data}: expected RDMs beside the images, such as target_fmri.mat, found none`);
  }
  const { architecture } = configurations[0].study.backbone;
  const missing = [
    ...(architecture === PAPER_NETWORK ? [] : [missingNetwork(architecture)]),
    ...missingData(data, sizes),
  ];
  for (const each of missing) onNotice(`not here: ${each}`);
  const said = quick ? [quickSaid(configurations)] : [];
  for (const each of said) onNotice(each);

  const waiting = [];
  for (const each of configurations) {
    if (!(await isFinished(each.run, each.study, environment))) waiting.push(each);
  }
  if (data.test !== undefined) {
    for (const file of Object.values(SUBMISSIONS)) await environment.checkWritable(joinPath(out, file));
  }
  const reports = overallProgress(
    waiting.map(({ label, study }) => ({ name: label, work: workOf(study, data) })),
    environment.onProgress,
  );
  for (const [k, each] of waiting.entries()) {
    await fitRun(each, { ...environment, onProgress: reports[k] }, options);
  }
  const submissions = await submit(configurations, data, out, environment);
  const deviations = [
    ...said,
    ...(overrides.length === 0 ? [] : [`changed: ${overrides.join(', ')}`]),
    ...paperDeviations(configurations.map(({ study }) => study)),
  ];
  return {
    network: { architecture, ofPaper: architecture === PAPER_NETWORK },
    ...(await resultsOf(configurations, data, submissions, environment)),
    ...{ quick, submissions, missing, deviations },
  };
}

function missingNetwork(architecture: string): string {
  return `the weights of the paper's ${PAPER_NETWORK}: fitted with ${architecture} instead; hypercolumn weights ${PAPER_NETWORK} fetches them`;
}

type PlacedConfiguration = Configuration & { readonly run: string };

/** Fits a study into a run's folder, from where an earlier process was stopped. */
async function fitRun(
  { run, study }: PlacedConfiguration,
  environment: Environment,
  { restart = false }: Pick<ReproduceOptions, 'restart'>,
): Promise<void> {
  await environment.checkReplaceable(run, RUN_CONTENTS);
  const partial = await openPartialRun(run, study, restart ? 'restart' : 'resume-if-any', environment);
  await writeRun(run, await runStudy(study, environment, { partial }), environment);
  await partial.remove();
}

/** How long a fit takes beside another, in passes of an image through the network and back. */
function workOf({ encoder, training, data }: Configuration['study'], { training: sets }: ChallengeData): number {
  const images = data.map((entry) => sets.find((set) => set.images === entry.images)?.nImages ?? 0);
  const nImages = images.reduce((sum, n) => sum + n, 0);
  const nPairs = images.reduce((sum, n) => sum + (n * (n - 1)) / 2, 0);
  if (encoder.train === 'mask') return nImages * (1 + (training.crop === 'random' ? training.epochs / 3 : 0));
  const perPair = training.sampler === 'cliques' ? 2 / (training.cliqueSize - 1) : 2;
  return nImages + nPairs * perPair * training.epochs * (encoder.trainFrom === undefined ? 1 : 0.2);
}

async function submit(
  configurations: readonly PlacedConfiguration[],
  { test }: ChallengeData,
  out: string,
  environment: Environment,
): Promise<Reproduction['submissions']> {
  const predict = async (track: keyof typeof TRACKS): Promise<string | null> => {
    const rows = configurations.filter(({ variable }) => TRACKS[track].some((each) => each === variable));
    if (test === undefined || rows.length === 0) return null;
    const path = environment.joinPath(out, SUBMISSIONS[track]);
    const runs = rows.map(({ run }) => run);
    const variables = rows.map(({ variable }) => variable);
    const backbones = rows.map(({ study }) => study.backbone);
    const rdms = await predictRdms(runs, { images: test.images, variables, backbones }, environment);
    await saveRdms(path, rdms, environment);
    return path;
  };
  return { fmri: await predict('fmri'), meg: await predict('meg') };
}

async function resultsOf(
  configurations: readonly PlacedConfiguration[],
  { test }: ChallengeData,
  submissions: Reproduction['submissions'],
  environment: Environment,
): Promise<Pick<Reproduction, 'rows' | 'tracks'>> {
  const scores = await testScores(test, Object.values(submissions), environment);
  const rows: ReproducedRow[] = [];
  for (const { key, label, variable, preset, paper } of PAPER_ROWS) {
    const done = configurations.find((each) => each.key === key);
    const sets = done === undefined ? [] : await reportedSets(done, environment);
    rows.push({
      ...{ key, label, variable, preset, paper, run: done?.run ?? null },
      test: scores.get(variable) ?? null,
      heldOut: sets.map(({ name, heldOut }) => ({ name, heldOut })),
    });
  }
  return { rows, tracks: trackPercentages(scores) };
}

/** How a run did on the sets with the RDMs that it is for. */
async function reportedSets(
  { run, variable, study }: PlacedConfiguration,
  environment: Environment,
): Promise<SetSummary[]> {
  const text = await readText(environment, environment.joinPath(run, RUN_FILES.report));
  const { sets } = JSON.parse(text) as { readonly sets: SetSummary[] };
  const own = study.data.map((entry) => entry.name?.startsWith(`${setName(variable)} `));
  return sets.filter((_, k) => own[k]);
}
