import type { ScoredSet } from '../../study/scoring/scored-set.ts';
import { csvText } from './csv-text.ts';
import { decimal } from './wording.ts';

const KINDS = ['image', 'stage', 'network', 'learnt'];

/** A model's line of the figure of scores. */
export interface Row {
  readonly model: ScoredSet['sheet']['models'][number];
  readonly isFit: boolean;
  readonly kind: string;
}

/** The fit, then its rivals kind by kind, in their order. */
export function rowsOf({ sheet, rivals }: ScoredSet): Row[] {
  const kinds = new Map(rivals.map(({ name, kind }) => [name, kind]));
  const [fit, ...others] = sheet.models;
  const place = ({ kind }: Row) => (KINDS.includes(kind) ? KINDS.indexOf(kind) : KINDS.length);
  return [
    { model: fit, isFit: true, kind: 'fit' },
    ...others
      .map((model) => ({ model, isFit: false, kind: kinds.get(model.name) ?? '' }))
      .sort((a, b) => place(a) - place(b)),
  ];
}

/** Runs in their order. */
export function runRows({ sheet }: ScoredSet): Row[] {
  return sheet.models.map((model) => ({ model, isFit: true, kind: 'run' }));
}

/** The set's main numbers in words. */
export function describeRows({ name, sheet }: ScoredSet, [fit, ...rivals]: readonly Row[]): string {
  const { rho, estimate } = fit.model;
  const interval =
    estimate === null ? '' : ` (95 % interval ${decimal(estimate.interval[0])} to ${decimal(estimate.interval[1])})`;
  const { ceilings } = sheet;
  const ceiling =
    ceilings === null ? '' : ` Noise ceiling ${decimal(ceilings.raw.lower.rho)} to ${decimal(ceilings.raw.upper.rho)}.`;
  const best = rivals.reduce<Row | null>(
    (high, row) => (high === null || row.model.rho > high.model.rho ? row : high),
    null,
  );
  const rival =
    best === null ? '' : ` The best of ${rivals.length} rivals, ${best.model.name}, has ${decimal(best.model.rho)}.`;
  return `${name}: the fit's mean is ${decimal(rho)}${interval}.${ceiling}${rival}`;
}

/** The same where models are runs. */
export function describeRuns({ name }: ScoredSet, rows: readonly Row[]): string {
  return `${name}: ${rows.map(({ model }) => `${model.name} has a mean of ${decimal(model.rho)}`).join(', ')}.`;
}

/** Every model of every set with its interval, what permuted labels give, the ceiling, and each subject. */
export function scoresCsv(sets: readonly ScoredSet[], rows: readonly (readonly Row[])[]): string {
  const nSubjects = Math.max(...sets.map((set) => set.nSubjects));
  return csvText(
    [
      ...[
        'set',
        'role',
        'model',
        'kind',
        'mean',
        'low',
        'high',
        'standard error',
        'permutation p',
        'permuted mean',
        'permuted 95th percentile',
      ],
      ...['ceiling lower', 'ceiling upper'],
      ...Array.from({ length: nSubjects }, (_, k) => `subject ${k + 1}`),
    ],
    sets.flatMap(({ name, role, sheet }, k) =>
      rows[k].map(({ model: { rho, rhoBySubject, estimate, permutation, name: model }, kind }) => [
        ...[name, role, model, kind, rho, estimate?.interval[0], estimate?.interval[1], estimate?.standardError],
        ...[permutation?.p, permutation?.mean, permutation?.percentile95],
        ...[sheet.ceilings?.raw.lower.rho, sheet.ceilings?.raw.upper.rho],
        ...Array.from({ length: nSubjects }, (_, subject) => rhoBySubject[subject]),
      ]),
    ),
  );
}
