import { closestName } from '../../core/close-names.ts';
import { UsageError } from '../../core/errors.ts';
import type { Entry, OpenedFile } from '../../formats/array.ts';

const MOST_SHOWN = 12;

/**
 * The entry of a file that the user named.
 * @throws UsageError where there is none of that name; the message lists what there is
 */
export function namedVariable(file: OpenedFile, path: string, variable: string): Entry {
  const named = file.entries.find(({ name }) => name === variable);
  if (named !== undefined) return named;
  const there = file.entries.map(({ name }) => name);
  const closest = closestName(variable, there);
  const hint = there.length > MOST_SHOWN && closest !== undefined ? ` ...; the closest is ${closest}` : '';
  throw new UsageError(
    `${path}: there is no variable ${variable}, there is: ${there.slice(0, MOST_SHOWN).join(', ')}${hint}`,
  );
}
