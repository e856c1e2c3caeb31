import type { ScoredSet, SetRole } from '../../study/scoring/scored-set.ts';
import { formatNumber } from '../table.ts';
import { signed } from './scale.ts';

const ROLES: Readonly<Record<SetRole, string>> = {
  test: 'test images',
  'held-out': 'held-out images',
  learnt: 'images that were learnt from',
};

/** `EVC_RDMs: 118 test images, 15 subjects`. */
export function describeSet({ name, role, conditions, nSubjects }: ScoredSet): string {
  return `${name}: ${conditions.length} ${ROLES[role]}, ${nSubjects} ${nSubjects === 1 ? 'subject' : 'subjects'}`;
}

/** A number with so many decimals and a true minus sign; a dash where there is none. */
export function decimal(value: number | null, decimals = 3): string {
  return value === null ? '\u2013' : signed(formatNumber(value, decimals));
}

/** A p value as it is printed: never 0, which no test can tell. */
export function pText(p: number | null): string {
  if (p === null) return '\u2013';
  return p < 0.001 ? '< .001' : p.toFixed(p < 0.1 ? 3 : 2).replace(/^0/, '');
}

/** A value of any size in three digits, for a colour bar or a table. */
export function threeDigits(value: number): string {
  if (!Number.isFinite(value)) return '\u2013';
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-3 || size >= 1e5)) return signed(value.toExponential(1));
  return signed(value.toFixed(size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3));
}

/** What a comparator's value is called on an axis. */
export function comparatorText(comparator: string): string {
  return comparator === 'spearman' ? "Spearman's rho" : comparator;
}

/** Text as part of an id or a file's name: small letters, digits and hyphens. */
export function slug(text: string): string {
  const plain = text
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, LONGEST_SLUG);
  return plain === '' ? 'set' : plain;
}

const LONGEST_SLUG = 40;
