import type { ScoreSheet, SheetModel } from '../../inference/sheet.ts';
import type { ComparatorName } from '../../rdm/comparators.ts';
import type { ScoredSet, SetRole } from '../../study/scoring/scored-set.ts';
import { formatNumber } from '../table.ts';

/** How a comparator's value is called in a sentence. */
export const COMPARATOR_WORDS: Readonly<Record<ComparatorName, string>> = {
  spearman: 'Spearman rho',
  pearson: 'Pearson r',
  'tau-a': 'Kendall tau-a',
  'tau-b': 'Kendall tau-b',
  'rho-a': 'rho-a',
  cosine: 'cosine similarity',
  'whitened-correlation': 'whitened correlation',
  'whitened-cosine': 'whitened cosine',
};

/** What the fit had seen of a set, behind the number of its images. */
export const ROLE_WORDS: Readonly<Record<SetRole, string>> = {
  test: 'that the fit never saw',
  'held-out': 'that were held out, and chose only the epoch',
  learnt: 'that the fit learnt from',
};

/** The same, as a label. */
export const ROLE_LABELS: Readonly<Record<SetRole, string>> = {
  test: 'test',
  'held-out': 'held out',
  learnt: 'learnt from',
};

/** `p = 0.012`, or `p < 0.001`. */
export function pText(p: number): string {
  return p < 0.001 ? 'p\u00a0<\u00a00.001' : `p\u00a0=\u00a0${p.toFixed(3)}`;
}

/** A number with a true minus sign; a dash where there is none. */
export function numberText(value: number | null, decimals = 3): string {
  const text = formatNumber(value, decimals);
  return text === '-' ? '\u2013' : text.replace(/^-(?=.*[1-9])/, '\u2212').replace(/^-/, '');
}

/** `0.104 to 0.301`. */
export function rangeText([low, high]: readonly [number, number]): string {
  return `${numberText(low)} to ${numberText(high)}`;
}

/** `3 subjects`. */
export function countText(count: number, noun: string): string {
  return `${count.toLocaleString('en')} ${noun}${count === 1 ? '' : 's'}`;
}

/** What a set says of the fit, in two or three sentences. */
export function resultText({
  name,
  role,
  conditions,
  sheet,
}: Pick<ScoredSet, 'name' | 'role' | 'conditions' | 'sheet'>): string {
  const [fit] = sheet.models;
  const measure = `${sheet.nSubjects === 1 ? '' : 'mean '}${COMPARATOR_WORDS[sheet.comparator]}`;
  const sentences = [
    `On ${countText(conditions.length, 'image')} ${ROLE_WORDS[role]} (${name}, ${countText(sheet.nSubjects, 'subject')}), the predicted RDM agrees with ${sheet.nSubjects === 1 ? 'the measured one' : "the subjects'"} at a ${measure} of ${numberText(fit.rho)}${certaintyText(fit)}.`,
    ceilingText(sheet),
    rivalText(sheet),
  ];
  return sentences.filter((sentence) => sentence !== null).join(' ');
}

function certaintyText({ estimate, permutation }: SheetModel): string {
  const parts = [
    ...(estimate === null ? [] : [`95\u00a0% confidence interval ${rangeText(estimate.interval)}`]),
    ...(permutation === null ? [] : [`${pText(permutation.p)} against permuted labels`]),
  ];
  return parts.length === 0 ? '' : ` (${parts.join('; ')})`;
}

function ceilingText({ ceilings }: ScoreSheet): string | null {
  if (ceilings === null) return 'A single subject has no noise ceiling.';
  const { lower, upper } = ceilings.raw;
  return `The noise ceiling, what a perfect model could reach, is ${rangeText([lower.rho, upper.rho])}.`;
}

function rivalText({ models, comparisons }: ScoreSheet): string | null {
  const [fit, ...rivals] = models;
  if (rivals.length === 0) return null;
  const best = rivals.reduce((most, rival) => (rival.rho > most.rho ? rival : most));
  const comparison = comparisons.find(({ models: names }) => names.includes(fit.name) && names.includes(best.name));
  const of = rivals.length === 1 ? 'The rival' : `The best of ${rivals.length} rivals`;
  if (comparison === undefined) return `${of}, ${best.name}, reaches ${numberText(best.rho)}.`;
  const { value, interval } = comparison.difference;
  const [less, bounds] = value < 0 ? ['more', [-interval[1], -interval[0]] as const] : ['less', interval];
  const { test: found } = comparison;
  const adjusted = found === null || rivals.length === 1 ? '' : `, adjusted for all rivals ${pText(found.pFdr)}`;
  const test = found === null ? '' : `; ${pText(found.p)}${adjusted}`;
  return `${of}, ${best.name}, reaches ${numberText(best.rho)}: ${numberText(Math.abs(value))} ${less} (95\u00a0% confidence interval ${rangeText(bounds)}${test}).`;
}
