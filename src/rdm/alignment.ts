import { ShapeError } from '../core/errors.ts';
import type { OnNotice } from '../core/progress.ts';
import type { Conditions } from './rdm.ts';

/** One of two things whose rows are to meet: RDMs, or an RDM and a set of images. */
export interface NamedRows {
  /** What it is called in messages: a path, a path and a variable. */
  readonly what: string;
  readonly nConditions: number;
  readonly conditions: Conditions;
}

/**
 * Makes sure that row i of one is the same condition as row i of the other: the same names in the same order. Where either has no names
 * they meet by size alone, and `onNotice` is told.
 * @throws ShapeError where sizes, names or their order differ; the message names the first row that does
 */
export function assertSameConditions(a: NamedRows, b: NamedRows, onNotice: OnNotice = () => {}): void {
  if (a.nConditions !== b.nConditions) {
    throw new ShapeError(
      `${a.what} has ${a.nConditions} conditions, ${b.what} has ${b.nConditions}; RDMs meet only when they are of the same conditions`,
    );
  }
  const { conditions } = b;
  if (a.conditions === null || conditions === null) {
    const nameless =
      a.conditions === null
        ? conditions === null
          ? 'neither holds'
          : `${a.what} does not hold`
        : `${b.what} does not hold`;
    onNotice(
      `${a.what} and ${b.what}: ${nameless} condition names, so they are matched by size alone: row i of one is taken for row i of the other`,
    );
    return;
  }
  const row = a.conditions.findIndex((name, index) => name !== conditions[index]);
  if (row === -1) return;
  const names = new Set(conditions);
  const reordered = a.conditions.every((name) => names.has(name));
  throw new ShapeError(
    `${a.what} has "${a.conditions[row]}" in row ${row + 1}, ${b.what} has "${conditions[row]}"; ` +
      (reordered
        ? 'the names are the same in another order: bring one into the order of the other'
        : 'RDMs meet only when the names of their conditions and their order agree'),
  );
}
