import type { RdmStack } from '../rdm/rdm.ts';
import { UnscoredResample } from './checks.ts';
import { type EvaluateOptions, evaluate, type ModelRdm } from './evaluate.ts';
import type { Evaluation } from './evaluation.ts';
import type { SheetWarning } from './sheet.ts';
import type { Generalisation } from './variance.ts';

/** What can be inferred, over what, and what is left out for want of data. */
export interface SheetInference {
  /** null where there is no interval and no test at all. */
  readonly evaluation: Evaluation | null;
  readonly over: Generalisation;
  readonly warnings: readonly SheetWarning[];
}

/** With fewer conditions none can be left out: two are a single pair. */
export const FEWEST_RESAMPLED = 4;

/** `evaluate` as far as the data go: over stimuli alone for one subject, over subjects alone where stimuli cannot be drawn anew. */
export async function inferAsFarAsPossible(
  models: readonly ModelRdm[],
  target: RdmStack,
  { over = 'both', ...options }: EvaluateOptions,
): Promise<SheetInference> {
  const { nConditions, nSubjects } = target;
  const warnings = [...ofConditions(nConditions), ...ofSubjects(nSubjects)];
  const possible = nSubjects < 2 ? 'stimuli' : over;
  if (nConditions < FEWEST_RESAMPLED || options.nSamples === 0) return { evaluation: null, over: possible, warnings };
  try {
    return { evaluation: await evaluate(models, target, { ...options, over: possible }), over: possible, warnings };
  } catch (error) {
    if (!(error instanceof UnscoredResample)) throw error;
  }
  const left =
    nSubjects < 2
      ? 'no intervals and tests'
      : 'intervals of new subjects with exactly these stimuli, and no tests but by permutation';
  const unscored = tooFew(
    `stimuli cannot be drawn anew, since on too many draws of the ${nConditions} conditions, or without one of them, an RDM is the same for all pairs: there are ${left}`,
  );
  const evaluation = nSubjects < 2 ? null : await evaluate(models, target, { ...options, over: 'subjects' });
  return { evaluation, over: nSubjects < 2 ? possible : 'subjects', warnings: [...warnings, unscored] };
}

function ofConditions(nConditions: number): SheetWarning[] {
  if (nConditions >= FEWEST_RESAMPLED) return [];
  return [
    tooFew(`${nConditions} conditions are too few for intervals, tests and a floor, for which some are left out`),
  ];
}

function ofSubjects(nSubjects: number): SheetWarning[] {
  if (nSubjects > 2) return [];
  return [
    tooFew(
      nSubjects === 1
        ? 'of one subject there are no noise ceilings, and intervals and tests speak of this subject and new stimuli'
        : 'of two subjects the lower noise ceiling has no interval, and nothing is tested against it',
    ),
  ];
}

function tooFew(text: string): SheetWarning {
  return { code: 'too-few', text };
}
