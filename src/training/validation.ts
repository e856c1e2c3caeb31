import type { ValidationLoss } from './options.ts';
import type { FitProblem } from './problem.ts';
import { VALIDATION_KINDS } from './split.ts';

type Validation = FitProblem['validation'];

/** How many pairs are validated on, of whatever kind. */
export function countValidation(validation: Validation): number {
  return VALIDATION_KINDS.reduce((sum, kind) => sum + validation[kind].length, 0);
}

/** Mean over all validation pairs, of whatever kind. */
export function meanValidation(validation: Validation, losses: ValidationLoss): number {
  let [sum, count] = [0, 0];
  for (const kind of VALIDATION_KINDS) {
    sum += (losses[kind] ?? 0) * validation[kind].length;
    count += validation[kind].length;
  }
  return sum / count;
}
