import { UsageError } from '../../core/errors.ts';
import { seededRandom } from '../../core/random.ts';
import { signedMeanMasks } from '../../encoder/tuning.ts';
import { permutedSets } from '../../training/permuted.ts';
import { assessFit, fitEncoder, trainingOptions } from '../encoder-fit.ts';
import type { Environment } from '../environment.ts';
import { type FitInput, fitsNetwork } from '../fit-input.ts';
import type { FitKeeper } from '../runs/partial-run.ts';
import type { Study } from '../settings/study-file.ts';
import type { PermutedFit } from '../tuning.ts';
import { permutedFit } from './permuted-fit.ts';

const PHASE = 'fitting label-permuted RDMs';

/**
 * Stage shares and signed means after fitting label-permuted RDMs with the study's first seed: side by side on worker threads where pair statistics are all
 * that a fit needs, else one after the other, since each takes the whole machine.
 * @param keeper keeps what those gave that are through, where each takes long
 * @returns one a permutation
 */
export async function permutedFits(
  input: FitInput,
  nPermutations: number,
  environment: Environment,
  keeper?: FitKeeper,
): Promise<PermutedFit[]> {
  const { study, sets } = input;
  const { runTasks, onProgress } = environment;
  const random = seededRandom(study.training.seed).derive('label permutations');
  const seeds = Array.from({ length: nPermutations }, () => random.integer(0, 0xffffffff));
  if (!fitsInTurn(study)) {
    const options = trainingOptions(study);
    const inputs = seeds.map((permutationSeed) => ({ sets, options, permutationSeed }));
    const fits = await runTasks(permutedFit, inputs, (done) =>
      onProgress({ phase: PHASE, done, total: nPermutations }),
    );
    return fits.map(({ shares, signedMeanMasks }) => ({ shares, signedMeanMasks }));
  }
  const fits = [...(keeper?.permuted ?? [])].slice(0, nPermutations);
  const quiet = { ...environment, onProgress: () => {}, onNotice: () => {} };
  for (const permutationSeed of seeds.slice(fits.length)) {
    onProgress({ phase: PHASE, done: fits.length, total: nPermutations });
    const permuted = { ...input, sets: permutedSets(sets, permutationSeed) };
    const fit = await fitEncoder(permuted, study.training.seed, quiet);
    const { shares } = await assessFit(fit, permuted, quiet);
    fits.push({ shares, signedMeanMasks: signedMeanMasks(fit.encoder) });
    await keeper?.keepPermuted(fits);
  }
  if (nPermutations > 0) onProgress({ phase: PHASE, done: nPermutations, total: nPermutations });
  return fits;
}

/**
 * Permuted fits that were through are not dropped by asking for fewer, as a command does that leaves the option out.
 * @throws UsageError where more are kept than asked for
 */
export function checkAllKeptAsked({ place, permuted: { length: n } }: FitKeeper, nPermutations: number): void {
  if (nPermutations >= n) return;
  throw new UsageError(
    `${place}: ${n === 1 ? '1 fit of label-permuted RDMs is' : `${n} fits of label-permuted RDMs are`} kept, got ${nPermutations} asked for; give --tuning ${n} or more, or start again with --restart`,
  );
}

/** Whether each fit of this study asks the network anew, so that permuted ones go one after the other and take as long as the fit itself. */
export function fitsInTurn(study: Pick<Study, 'encoder' | 'training'>): boolean {
  return fitsNetwork(study) || study.training.crop === 'random';
}
