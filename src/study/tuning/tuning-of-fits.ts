import type { Environment } from '../environment.ts';
import type { FitInput } from '../fit-input.ts';
import type { FitKeeper } from '../runs/partial-run.ts';
import type { SeedFit } from '../seed-fits.ts';
import { type RunTuning, runTuning } from '../tuning.ts';
import { furtherFits } from './further-fits.ts';
import { fitsInTurn, permutedFits } from './permuted-fits.ts';

/** The fits that a study's tuning is held against. */
export interface TuningOptions {
  /** Fits of label-permuted RDMs; 0 for none. */
  readonly nPermutations: number;
  /** Whether fits of other seeds and splits show how much of it stays; where each would ask the network anew they are left out. */
  readonly stability: boolean;
}

/** The tuning of a study's first fit, beside permuted ones and further ones. */
export async function tuningOfFits(
  input: FitInput,
  fits: readonly SeedFit[],
  { nPermutations, stability }: TuningOptions,
  environment: Environment,
  keeper?: FitKeeper,
): Promise<RunTuning> {
  const [{ encoder, shares }] = fits;
  const permuted = await permutedFits(input, nPermutations, environment, keeper);
  const further = stability && !fitsInTurn(input.study) ? await furtherFits(input, fits, environment) : null;
  return runTuning(encoder, shares, permuted, further);
}
