import { everyPair } from '../rdm/pair-sample.ts';
import type { RdmStack } from '../rdm/rdm.ts';
import { comparedRdms, scoreSample } from './compared-rdms.ts';
import type { EvaluateOptions, ModelRdm } from './evaluate.ts';
import { resampleAll, roundsOf } from './resampling.ts';
import { mean } from './score-tables.ts';

/** A model's scores with each subject, as they are and with the model's labels permuted. */
export interface PermutedModel {
  /** nSubjects. */
  readonly bySubject: Float64Array;
  /** nPermutations of nSubjects. */
  readonly permuted: readonly Float64Array[];
  /** Mean over subjects, and that of each permutation. */
  readonly mean: number;
  readonly permutedMeans: Float64Array;
}

/** Scores of models under the permutations that `evaluate` draws for the same seed, but for each subject. */
export async function permuteModels(
  models: readonly ModelRdm[],
  target: RdmStack,
  {
    comparator,
    nPermutations,
    seed,
    runTasks,
    onProgress,
  }: Pick<Required<EvaluateOptions>, 'comparator' | 'nPermutations' | 'seed' | 'runTasks' | 'onProgress'>,
): Promise<PermutedModel[]> {
  const rdms = comparedRdms(models, target, { comparator, averaging: 'raw', withCeiling: false });
  const { nSubjects } = target;
  const full = scoreSample(rdms, everyPair(target.nConditions));
  const { permuted } = await resampleAll(
    rdms,
    { nSamples: 0, nPermutations, seed },
    { runTasks, onProgress: (progress) => onProgress({ ...progress, phase: 'permuting labels' }) },
  );
  return models.map((_, model) => {
    const bySubject = full.subarray(model * nSubjects, (model + 1) * nSubjects);
    const own = roundsOf(permuted, model, models.length, nSubjects);
    return { bySubject, permuted: own, mean: mean(bySubject), permutedMeans: Float64Array.from(own, mean) };
  });
}
