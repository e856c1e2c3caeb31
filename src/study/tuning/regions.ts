import { UsageError } from '../../core/errors.ts';
import type { RunTasks } from '../../core/parallel.ts';
import type { OnNotice, OnProgress } from '../../core/progress.ts';
import { type Random, seededRandom } from '../../core/random.ts';
import { falseDiscoveryRates } from '../../inference/multiple-tests.ts';
import type { TrainingOptions } from '../../training/options.ts';
import { groupShares, type StageGroup, stageGroups, stagesAlone } from './stage-groups.ts';
import { type RegionPair, swappedFit } from './swapped-fit.ts';
import { countSwaps, drawSwaps, type Swap } from './swaps.ts';

/** How one stage's share differs between two regions, beside the same with subjects' RDMs exchanged. */
export interface RegionStage {
  readonly stage: string;
  readonly shareA: number;
  readonly shareB: number;
  /** shareA - shareB. */
  readonly difference: number;
  /** The same difference after each swap. */
  readonly swapped: readonly number[];
  /** Two-sided: (1 + number of swaps with a difference at least as large) / (1 + number of swaps). */
  readonly p: number;
  /** p adjusted over the stages by Benjamini and Hochberg. */
  readonly pFdr: number;
}

/** Whether two regions are tuned differently. */
export interface RegionTest {
  readonly nSwaps: number;
  /** How many different swaps the subjects allow. */
  readonly nPossibleSwaps: number;
  readonly stages: readonly RegionStage[];
  /** Blocks of a stage taken together; null where the stages are no blocks. */
  readonly grouped: readonly RegionStage[] | null;
  /** One test of all stages at once. */
  readonly overall: {
    /** Half the sum of the stages' absolute differences: 0 for the same tuning, 1 where no stage is shared. */
    readonly distance: number;
    readonly swapped: readonly number[];
    readonly p: number;
  };
}

/** How a test of regions is run. */
export interface RegionTestOptions {
  /** Fits as the runs' own. */
  readonly options: TrainingOptions;
  readonly nSwaps?: number;
  readonly runTasks: RunTasks;
  readonly onProgress?: OnProgress;
  readonly onNotice?: OnNotice;
}

/**
 * Tests whether two regions of the same subjects are tuned differently to a network's stages.
 *
 * The null: within each subject the two regions' RDMs are exchangeable. For each of `nSwaps` random subsets of the subjects their two RDMs
 * trade places, both regions are fitted again, and the differences of shares are taken again; p counts how often these are at least as large
 * as without a swap. What subjects share, in one region or in both, stays in every swap, so that the test is exact whatever it is. Fits of
 * label-permuted RDMs would not do: their null is that neither region tells of the images at all, and two regions that share one tuning are
 * no case of it.
 *
 * Exchangeable says more than equally tuned: a region whose RDMs are noisier is pulled less far from what a fit without signal gives, and with
 * many swaps and subjects that shows too. So read a small p as *different*, and in which direction from the shares and their permuted fits.
 *
 * Data sets with equal numbers of subjects are taken to be of the same people and trade together, which is valid too where they are not.
 * @param pairs data sets of both regions, each pair of the same images and subjects
 * @param options how the fits are made, and how many
 * @throws UsageError where there is a single subject, or a fit cannot be made
 */
export async function testRegions(
  pairs: readonly RegionPair[],
  { options, nSwaps = 20, runTasks, onProgress, onNotice }: RegionTestOptions,
): Promise<RegionTest> {
  const { swaps, nPossible } = swapsOf(pairs, nSwaps, seededRandom(options.seed ?? 0).derive('region swaps'));
  if (swaps.length < nSwaps) {
    onNotice?.(
      `regions: so few subjects allow ${nPossible} different swaps, which are all made; p cannot come below ${(1 / (1 + nPossible)).toPrecision(2)}`,
    );
  }
  const unswapped = pairs.map(({ a }) => Array<boolean>(a.targets.nSubjects).fill(false));
  const inputs = [unswapped, ...swaps].flatMap((each) =>
    (['a', 'b'] as const).map((region) => ({ pairs, swaps: each, region, options })),
  );
  const fits = await runTasks(swappedFit, inputs, (done) =>
    onProgress?.({ phase: 'fitting with regions exchanged in some subjects', done, total: inputs.length }),
  );
  const shares = fits.map((fit) => {
    if ('shares' in fit) return fit.shares;
    throw new UsageError(`regions: a fit with regions exchanged in some subjects cannot be made (${fit.problem})`);
  });
  const [[a, b], ...others] = Array.from(
    { length: 1 + swaps.length },
    (_, k) => [shares[2 * k], shares[2 * k + 1]] as const,
  );
  const names = pairs[0].a.statistics.stages.map(({ name }) => name);
  const groups = stageGroups(names);
  const swappedDistances = others.map(([one, other]) => distanceOf(one, other));
  return {
    nSwaps: swaps.length,
    nPossibleSwaps: nPossible,
    stages: stagesOf(stagesAlone(names), a, b, others),
    grouped: groups === null ? null : stagesOf(groups, a, b, others),
    overall: { distance: distanceOf(a, b), swapped: swappedDistances, p: rankP(distanceOf(a, b), swappedDistances) },
  };
}

type Shares = readonly number[];

function stagesOf(
  groups: readonly StageGroup[],
  a: Shares,
  b: Shares,
  others: readonly (readonly [Shares, Shares])[],
): RegionStage[] {
  const [ofA, ofB] = [groupShares(a, groups), groupShares(b, groups)];
  const swapped = others.map(([one, other]) => {
    const ofOther = groupShares(other, groups);
    return groupShares(one, groups).map((share, k) => share - ofOther[k]);
  });
  const stages = groups.map(({ name }, k) => {
    const difference = ofA[k] - ofB[k];
    const differences = swapped.map((each) => each[k]);
    const p = rankP(Math.abs(difference), differences.map(Math.abs));
    return { stage: name, shareA: ofA[k], shareB: ofB[k], difference, swapped: differences, p };
  });
  const adjusted = falseDiscoveryRates(stages.map(({ p }) => p));
  return stages.map((stage, k) => ({ ...stage, pFdr: adjusted[k] }));
}

function rankP(value: number, among: readonly number[]): number {
  return (1 + among.filter((other) => other >= value).length) / (1 + among.length);
}

function distanceOf(a: Shares, b: Shares): number {
  return a.reduce((sum, share, k) => sum + Math.abs(share - b[k]), 0) / 2;
}

/** For each swap whose RDMs it exchanges in each pair; pairs with equal numbers of subjects exchange the same ones'. */
function swapsOf(
  pairs: readonly RegionPair[],
  nSwaps: number,
  random: Random,
): { swaps: readonly (readonly Swap[])[]; nPossible: number } {
  const counts = pairs.map(({ a }) => a.targets.nSubjects);
  const different = [...new Set(counts)];
  const firsts = different.map((_, k) => different.slice(0, k).reduce((sum, n) => sum + n, 0));
  const nInAll = different.reduce((sum, n) => sum + n, 0);
  if (nInAll < 2) {
    throw new UsageError(
      'regions: expected at least 2 subjects whose regions can be exchanged, got 1; a single one cannot tell regions from chance',
    );
  }
  const swaps = drawSwaps(nInAll, nSwaps, random).map((all) =>
    counts.map((n) => {
      const first = firsts[different.indexOf(n)];
      return all.slice(first, first + n);
    }),
  );
  return { swaps, nPossible: countSwaps(nInAll) };
}
