import { FormatError } from '../core/errors.ts';

/** A file's entries in its order, each to be found by its name. */
export interface NamedEntries<T> {
  readonly entries: readonly T[];
  /** @throws FormatError where there is no entry of that name; the message lists what there is */
  find(name: string): T;
}

/** Entries by name; where two have the same one, the later stands for both, as it does for MATLAB. */
export function namedEntries<T extends { readonly name: string }>(
  path: string,
  what: string,
  entries: readonly T[],
): NamedEntries<T> {
  const byName = new Map(entries.map((entry) => [entry.name, entry]));
  return {
    entries: [...byName.values()],
    find(name) {
      const entry = byName.get(name);
      if (entry === undefined) {
        throw new FormatError(path, `has no ${what} ${JSON.stringify(name)}; it has ${listNames([...byName.keys()])}`);
      }
      return entry;
    },
  };
}

/** Names for a message, the first dozen of them. */
export function listNames(names: readonly string[]): string {
  if (names.length === 0) return 'none';
  return names.length > 12 ? `${names.slice(0, 10).join(', ')} and ${names.length - 10} more` : names.join(', ');
}
