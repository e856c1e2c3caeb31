import { FormatError, ShapeError, UsageError } from '../core/errors.ts';
import type { OpenedFile } from '../formats/array.ts';
import { NAMES, readConditionNames } from '../formats/condition-names.ts';

const MOST_SHOWN = 8;

/**
 * Names of a file's rows where each means one image; null where the file has none.
 * @throws FormatError where they are no names, are not `nRows`, or one comes twice
 */
export async function readRowNames(file: OpenedFile, path: string, nRows: number): Promise<readonly string[] | null> {
  const names = await readConditionNames(file, path, nRows);
  const twice = names?.find((name, row) => names.indexOf(name) !== row);
  if (twice !== undefined) throw new FormatError(path, `expected different names, got ${twice} twice`, NAMES);
  return names;
}

/**
 * The row of each wanted name; names meet with or without their ending.
 * @throws UsageError listing the names that are not there; ShapeError where two wanted names meet one row, or one may be several
 */
export function rowsOfNames(names: readonly string[], wanted: readonly string[], path: string): number[] {
  const byName = new Map(names.map((name, row) => [name, [row]]));
  const byStem = new Map<string, number[]>();
  names.forEach((name, row) => {
    byStem.set(stemOf(name), [...(byStem.get(stemOf(name)) ?? []), row]);
  });
  const missing: string[] = [];
  const wantedBy = new Map<number, string>();
  const rows = wanted.map((name) => {
    const found = byName.get(name) ?? byName.get(stemOf(name)) ?? byStem.get(stemOf(name)) ?? byStem.get(name) ?? [];
    if (found.length === 0) missing.push(name);
    if (found.length > 1) {
      throw new ShapeError(
        `${path}: ${name} may be ${found.map((row) => names[row]).join(' or ')}; name the images alike`,
      );
    }
    const before = wantedBy.get(found[0]);
    if (found.length === 1 && before !== undefined) {
      throw new ShapeError(
        `${path}: ${before} and ${name} both meet the row of ${names[found[0]]}; name the images alike`,
      );
    }
    wantedBy.set(found[0], name);
    return found[0];
  });
  if (missing.length > 0) {
    const more = missing.length > MOST_SHOWN ? ` and ${missing.length - MOST_SHOWN} more` : '';
    throw new UsageError(
      `${path}: it has no features of ${missing.slice(0, MOST_SHOWN).join(', ')}${more}; its ${names.length} rows are named ${names.slice(0, 2).join(', ')} ...`,
    );
  }
  return rows;
}

function stemOf(name: string): string {
  return name.replace(/(?<=.)\.[^.]*$/, '');
}
