import type { NoiseCeiling } from '../rdm/ceiling.ts';
import { COMPARATORS } from '../rdm/comparators.ts';
import type { PermutedModel } from './label-permutations.ts';
import type { ScoreSheet, SheetModel, SheetWarning } from './sheet.ts';
import { NOTHING, permutationTest } from './tests.ts';

/** A sheet that has no warnings yet. */
export type UnwarnedSheet = Omit<ScoreSheet, 'warnings'>;

const ALPHA = 0.05;

/**
 * What a reader of a sheet's numbers must know before believing them.
 * @param official the sheet's models in their order, compared by Spearman's correlation as the official figure is
 */
export function sheetWarnings(
  sheet: UnwarnedSheet,
  official: readonly Pick<PermutedModel, 'mean' | 'permutedMeans'>[],
): SheetWarning[] {
  return [
    ...noSharedSignal(sheet),
    ...antiCorrelated(sheet, official),
    ...aboveCeiling(sheet),
    ...zeroNotChance(sheet),
  ];
}

function noSharedSignal({ sharedSignal, nSubjects }: UnwarnedSheet): SheetWarning[] {
  if (sharedSignal === null || sharedSignal.p <= ALPHA) return [];
  const { lower, shuffled, upperR2, shuffledUpperR2, p } = sharedSignal;
  return [
    {
      code: 'no-shared-signal',
      text:
        `the ${nSubjects} subjects' RDMs agree no more than with their labels shuffled apart (lower ceiling ${signed(lower)}, shuffled below ` +
        `${signed(shuffled.percentile95)} in 95 % of cases, p = ${p.toFixed(3)}), so there is hardly anything here for a model to explain, and percentages ` +
        `mean little: of the upper ceiling, r2 ${upperR2.toFixed(4)}, ${shuffledUpperR2.mean.toFixed(4)} is there without any shared signal`,
    },
  ];
}

/** High squares of negative correlations, which look like a good model's. Without permutations, which say what is high, every negative one. */
function antiCorrelated(
  { models }: UnwarnedSheet,
  official: readonly Pick<PermutedModel, 'mean' | 'permutedMeans'>[],
): SheetWarning[] {
  const negative = models.flatMap(({ name, official: { r2, floor } }, k) => {
    const { mean: rho, permutedMeans } = official[k];
    const asLow = () =>
      permutationTest(
        -rho,
        permutedMeans.map((permuted) => -permuted),
      ).p;
    const high = floor === null || r2 > floor.r2.percentile95 || asLow() <= ALPHA;
    if (rho >= 0 || !high) return [];
    const beside = floor === null ? '' : `, permuted labels below ${floor.r2.percentile95.toFixed(4)} in 95 % of cases`;
    return [{ name, text: `${name} (rho ${signed(rho)}, r2 ${r2.toFixed(4)}${beside})` }];
  });
  return firstApart(models, negative).map((named) => ({
    code: 'anti-correlated',
    text: `rho is negative for ${named.map(({ text }) => text).join(', ')}: squares hide the sign, so r2 and % of ceiling there do not speak for ${named.length === 1 ? 'it' : 'them'}`,
    models: named.map(({ name }) => name),
  }));
}

/** What is said of the model that a sheet is about, apart from what is said of the others. */
function firstApart<Said extends { readonly name: string }>(
  [first]: UnwarnedSheet['models'],
  said: readonly Said[],
): (readonly Said[])[] {
  const own = said.filter(({ name }) => name === first.name);
  const others = said.filter(({ name }) => name !== first.name);
  return [own, others].filter((each) => each.length > 0);
}

function aboveCeiling({ models, ceilings, averaging, ceilingInUse }: UnwarnedSheet): SheetWarning[] {
  const warnings: SheetWarning[] = [];
  // The subjects' mean itself reaches the ceiling but for rounding.
  const percents = models.filter(({ official: { percentOfCeiling } }) => (percentOfCeiling ?? 0) > 100 * (1 + NOTHING));
  for (const above of firstApart(models, percents)) {
    const named = above.map(({ name, official }) => `${name} (${official.percentOfCeiling!.toFixed(1)} %)`);
    warnings.push({
      code: 'above-ceiling',
      text: `above 100 % of the ceiling: ${named.join(', ')}; the ceiling in use, r2 ${ceilingInUse!.toFixed(4)}, is an estimate and no bound for these RDMs`,
      models: above.map(({ name }) => name),
    });
  }
  const rhos = ceilings === null ? [] : models.filter(({ rho }) => rho > ceilings[averaging].upper.rho + NOTHING);
  return [...warnings, ...firstApart(models, rhos).map((above) => aboveUpper(above, ceilings![averaging]))];
}

/** Cosines keep the mean dissimilarity, which any two RDMs have in common. */
function zeroNotChance({ comparator, models: [{ name, aboveZero, permutation }] }: UnwarnedSheet): SheetWarning[] {
  if (COMPARATORS[comparator].invariance !== 'scale' || aboveZero === null) return [];
  const permuted =
    permutation === null ? '' : ` (of ${name} with its labels permuted it is ${signed(permutation.mean)})`;
  const instead = permutation === null ? 'test by permutations' : 'read p permuted';
  return [
    {
      code: 'zero-not-chance',
      text:
        `0 is not chance for ${comparator}: RDMs of positive dissimilarities have one above 0 whatever they say of the images${permuted}; ` +
        `${instead}, not p above 0`,
    },
  ];
}

function aboveUpper(models: readonly SheetModel[], { upper }: NoiseCeiling): SheetWarning {
  const named = models.map(({ name, rho }) => `${name} (${signed(rho)})`);
  return {
    code: 'above-ceiling',
    text: `above the upper noise ceiling, ${signed(upper.rho)}: ${named.join(', ')}; the ceiling is an estimate from these subjects, so that is no better than perfect`,
    models: models.map(({ name }) => name),
  };
}

function signed(value: number): string {
  return `${value < 0 ? '-' : '+'}${Math.abs(value).toFixed(3)}`;
}
