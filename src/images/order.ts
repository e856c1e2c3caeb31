import { closestName } from '../core/close-names.ts';
import { UsageError } from '../core/errors.ts';

/**
 * Where the images of an `order` list stand among a folder's images.
 *
 * A listed name is a file's name with or without its ending; a path's folders are not looked at, and Unicode spellings of one name are one.
 * The list may leave images out: then the result is a subset.
 * @param names names of the folder's images, with endings
 * @param order names as an RDM's rows have them
 * @param listName the list's file, leads the messages
 * @returns for each listed name its position in `names`
 * @throws UsageError for an empty list, a name that no image has (with the closest one), that two images share without their endings, or
 * that is listed twice
 */
export function positionsInOrder(names: readonly string[], order: readonly string[], listName = 'order'): number[] {
  if (order.length === 0) throw new UsageError(`${listName}: expected the names of images, got an empty list`);
  const positions = indexNames(names);
  const listedAt = new Map<number, number>();
  return order.map((listed, row) => {
    const where = `${listName}, row ${row + 1}`;
    const found = positions.get(keyOf(listed)) ?? [];
    if (found.length === 0) {
      const closest = closestName(listed, names);
      const hint = closest === undefined ? `the folder has ${names.length} images` : `the closest is ${closest}`;
      throw new UsageError(`${where}: no image is called ${listed}; ${hint}`);
    }
    if (found.length > 1) {
      throw new UsageError(
        `${where}: ${listed} may be ${found.map((at) => names[at]).join(' or ')}; write the name with its ending`,
      );
    }
    const before = listedAt.get(found[0]);
    if (before !== undefined) {
      throw new UsageError(`${where}: ${listed} is listed twice, first in row ${before + 1}; each image has one row`);
    }
    listedAt.set(found[0], row);
    return found[0];
  });
}

/** Tells whether a listed name, read as `positionsInOrder` reads it, is that of one of these images. */
export function amongImages(names: readonly string[]): (listed: string) => boolean {
  const positions = indexNames(names);
  return (listed) => positions.has(keyOf(listed));
}

/** Positions by full name, and by name without ending where no file has that for its full name. */
function indexNames(names: readonly string[]): Map<string, number[]> {
  const positions = new Map<string, number[]>();
  names.forEach((name, at) => {
    positions.set(keyOf(name), [at]);
  });
  const full = new Set(positions.keys());
  names.forEach((name, at) => {
    const stem = keyOf(name).replace(/\.[^.]*$/, '');
    if (!full.has(stem)) positions.set(stem, [...(positions.get(stem) ?? []), at]);
  });
  return positions;
}

function keyOf(name: string): string {
  return name.trim().split(/[\\/]/).at(-1)!.normalize('NFC');
}
