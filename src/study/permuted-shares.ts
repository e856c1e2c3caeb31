import { seededRandom } from '../core/random.ts';
import { permutedSets } from '../training/permuted.ts';
import { assessFit, fitEncoder, trainingOptions } from './encoder-fit.ts';
import type { Environment } from './environment.ts';
import { type FitInput, fitsNetwork } from './fit-input.ts';
import { permutedFit } from './permuted-fit.ts';
import type { FitKeeper } from './runs/partial-run.ts';
import type { Study } from './settings/study-file.ts';

const PHASE = 'fitting label-permuted RDMs';

/**
 * Stage shares after fitting label-permuted RDMs with the study's first seed: side by side on worker threads where pair statistics are all
 * that a fit needs, else one after the other, since each takes the whole machine.
 * @param keeper keeps the shares of those that are through, where each takes long
 * @returns nPermutations x nStages
 */
export async function permutedShares(
  input: FitInput,
  nPermutations: number,
  environment: Environment,
  keeper?: FitKeeper,
): Promise<(readonly number[])[]> {
  const { study, sets } = input;
  const { runTasks, onProgress } = environment;
  const random = seededRandom(study.training.seed).derive('label permutations');
  const seeds = Array.from({ length: nPermutations }, () => random.integer(0, 0xffffffff));
  if (!permutesInTurn(study)) {
    const options = trainingOptions(study);
    const inputs = seeds.map((permutationSeed) => ({ sets, options, permutationSeed }));
    const fits = await runTasks(permutedFit, inputs, (done) =>
      onProgress({ phase: PHASE, done, total: nPermutations }),
    );
    return fits.map(({ shares }) => shares);
  }
  const shares = [...(keeper?.permuted ?? [])].slice(0, nPermutations);
  const quiet = { ...environment, onProgress: () => {}, onNotice: () => {} };
  for (const permutationSeed of seeds.slice(shares.length)) {
    onProgress({ phase: PHASE, done: shares.length, total: nPermutations });
    const permuted = { ...input, sets: permutedSets(sets, permutationSeed) };
    const fit = await fitEncoder(permuted, study.training.seed, quiet);
    shares.push((await assessFit(fit, permuted, quiet)).shares);
    await keeper?.keepPermuted(shares);
  }
  if (nPermutations > 0) onProgress({ phase: PHASE, done: nPermutations, total: nPermutations });
  return shares;
}

/** Whether permuted fits of this study take as long as the fit itself, because each asks the network anew. */
export function permutesInTurn(study: Pick<Study, 'encoder' | 'training'>): boolean {
  return fitsNetwork(study) || study.training.crop === 'random';
}
