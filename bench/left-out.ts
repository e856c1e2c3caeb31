import { pairsOf } from '../src/core/condensed.ts';
import { compare } from '../src/rdm/comparators.ts';
import { type RdmStack, rdmValuesAt } from '../src/rdm/rdm.ts';

/** Part `fold` of `nFolds` of n images in the set's order, which goes by category: what is left out is unlike what remains, as a new set is. */
export const neighbours = (nFolds: number) => (n: number, fold: number) =>
  Array.from({ length: n }, (_, k) => k).filter((k) => Math.floor((k * nFolds) / n) === fold);

/** Mean signed rho with the subjects over the pairs of a left-out image with any other. */
export function rhoOfPairsWith(leftOut: readonly number[], predicted: Float64Array, targets: RdmStack): number {
  const pairs = [...pairsOf(targets.nConditions)].flatMap(([i, j], pair) =>
    leftOut.includes(i) || leftOut.includes(j) ? [pair] : [],
  );
  const pick = (values: Float64Array) => Float64Array.from(pairs, (pair) => values[pair]);
  const model = pick(predicted);
  const bySubject = Array.from({ length: targets.nSubjects }, (_, s) => compare(model, pick(rdmValuesAt(targets, s))));
  return bySubject.reduce((sum, value) => sum + value, 0) / bySubject.length;
}
