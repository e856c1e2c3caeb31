import { type RunTasks, runInTurn } from '../core/parallel.ts';
import type { OnProgress } from '../core/progress.ts';
import type { RdmStack } from '../rdm/rdm.ts';
import { distribution } from './official-scores.ts';
import { blocksOf } from './resampling.ts';
import type { SharedSignal } from './sheet.ts';
import { type ShuffleBlock, shuffledCeilings, shuffleTask } from './shuffle-block.ts';
import { NOTHING } from './tests.ts';

// Each shuffle ranks nSubjects + 1 means at every time. With both numbers p <= 0.05 has exactly a chance of 5 % where the null is true.
const N_SHUFFLES = { few: 199, many: 59 };
const MANY_TIMES = 5;

/**
 * Tests whether subjects' RDMs have anything in common, by shuffling each subject's labels apart, over times alike: their lower noise ceiling
 * (Spearman, raw means) against those of shuffled subjects.
 *
 * Null: no subject's RDM says anything about another's, so that which label stands where in one is independent of the others.
 * p = (1 + number of shuffled ceilings at least as high) / (1 + number of shuffles), 199 of them, 59 for more than 5 times.
 * @param target at least 2 subjects of at least 3 conditions, finite, none constant
 * @returns null where the subjects' mean, or the mean of some shuffle, is the same for all pairs
 */
export async function sharedSignal(
  target: RdmStack,
  {
    seed = 0,
    runTasks = runInTurn,
    onProgress = () => {},
  }: { readonly seed?: number; readonly runTasks?: RunTasks; readonly onProgress?: OnProgress } = {},
): Promise<SharedSignal | null> {
  const nShuffles = target.nTimes > MANY_TIMES ? N_SHUFFLES.many : N_SHUFFLES.few;
  const inPlace = Uint32Array.from({ length: target.nConditions }, (_, row) => row);
  const [own] = shuffledCeilings(target, [Array.from({ length: target.nSubjects }, () => inPlace)]);
  const blocks = blocksOf(nShuffles).map((block): ShuffleBlock => ({ target, seed, ...block }));
  const phase = 'shuffling subjects';
  const shuffled = (
    await runTasks(shuffleTask, blocks, (done) => onProgress({ phase, done, total: blocks.length }))
  ).flat();
  if ([own, ...shuffled].some(({ lower, upperR2 }) => Number.isNaN(lower) || Number.isNaN(upperR2))) return null;
  const asHigh = shuffled.filter(({ lower }) => lower >= own.lower - NOTHING).length;
  return {
    nShuffles,
    lower: own.lower,
    shuffled: distribution(shuffled.map(({ lower }) => lower))!,
    upperR2: own.upperR2,
    shuffledUpperR2: distribution(shuffled.map(({ upperR2 }) => upperR2))!,
    p: (1 + asHigh) / (1 + nShuffles),
  };
}
