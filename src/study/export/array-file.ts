import { expand } from '../../core/condensed.ts';
import { float64Array, type NumericArray, type TextArray } from '../../formats/array.ts';
import type { NamedArrays } from '../../formats/save.ts';
import type { ExportedRdm, ExportedSet } from './exported-sets.ts';

const LONGEST_SUFFIX = 40; // MATLAB's names have up to 63 characters, ours before the suffix up to 17

/**
 * A run's results as named arrays, for .mat and .npz: `names`, the square RDMs `predicted`, `measured` and `measured_sd`, stacks `rivals` and
 * `stage_parts` with `rival_names` and `stage_names`, and the scores as `models` and `rho_by_subject` (nModels x nSubjects). Where there are
 * several sets, each name is followed by its set's, and `sets` lists them.
 */
export function arrayFile(sets: readonly ExportedSet[]): NamedArrays {
  if (sets.length === 1) return arraysOfSet(sets[0]);
  const arrays: Record<string, NumericArray | TextArray> = { sets: texts(sets.map(({ label }) => label)) };
  const suffixes = identifiers(sets.map(({ label }) => label));
  for (const [k, set] of sets.entries()) {
    for (const [name, array] of Object.entries(arraysOfSet(set))) arrays[`${name}_${suffixes[k]}`] = array;
  }
  return arrays;
}

function arraysOfSet({ set, what, rdms, stages }: ExportedSet): Record<string, NumericArray | TextArray> {
  const n = set.conditions.length;
  const nPairs = set.predicted.length;
  const square = (values: Float64Array) => float64Array([n, n], expand(values, n));
  const stack = (rows: readonly Float64Array[]) => {
    const values = new Float64Array(rows.length * n * n);
    for (const [k, row] of rows.entries()) values.set(expand(row, n), k * n * n);
    return float64Array([rows.length, n, n], values);
  };
  const arrays: Record<string, NumericArray | TextArray> = {};
  const ofKind = (kind: ExportedRdm['kind']) => rdms.filter((rdm) => rdm.kind === kind);
  if (rdms.length > 0) arrays['names'] = texts(set.conditions);
  for (const { kind, values } of [...ofKind('predicted'), ...ofKind('measured')]) arrays[kind] = square(values);
  if (ofKind('measured').length > 0 && set.measured.sd !== null) arrays['measured_sd'] = square(set.measured.sd);
  if (ofKind('rival').length > 0) {
    arrays['rivals'] = stack(ofKind('rival').map(({ values }) => values));
    arrays['rival_names'] = texts(ofKind('rival').map(({ name }) => name));
  }
  if (stages.length > 0) {
    const parts = set.stageParts!;
    arrays['stage_parts'] = stack(stages.map((_, s) => parts.subarray(s * nPairs, (s + 1) * nPairs)));
    arrays['stage_names'] = texts(stages);
  }
  if (what === 'all' || what === 'scores') {
    const { models } = set.sheet;
    arrays['models'] = texts(models.map(({ name }) => name));
    arrays['rho_by_subject'] = float64Array(
      [models.length, set.nSubjects],
      models.flatMap(({ rhoBySubject }) => rhoBySubject),
    );
  }
  return arrays;
}

function texts(data: readonly string[]): TextArray {
  return { kind: 'text', shape: [data.length], data };
}

/** Names as parts of MATLAB's variables, each another. */
function identifiers(labels: readonly string[]): string[] {
  const taken: string[] = [];
  for (const label of labels) {
    const plain = label.replace(/\W+/g, '_').replace(/^_|_$/g, '').slice(0, LONGEST_SUFFIX);
    let name = plain;
    for (let k = 2; taken.includes(name) || name === ''; k++) name = `${plain}_${k}`;
    taken.push(name);
  }
  return taken;
}
