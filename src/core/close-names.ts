/** The name that fewest edits make of another, with or without its ending; undefined where more than half of it would change. */
export function closestName(wanted: string, names: readonly string[]): string | undefined {
  let closest: string | undefined;
  let fewest = Math.ceil(wanted.length / 2) + 1;
  for (const name of names) {
    const edits = Math.min(editDistance(wanted, name), editDistance(wanted, name.replace(/\.[^.]*$/, '')));
    if (edits < fewest) [closest, fewest] = [name, edits];
  }
  return closest;
}

/** Levenshtein's distance: insertions, deletions and replacements. */
function editDistance(a: string, b: string): number {
  let above = Array.from({ length: b.length + 1 }, (_, k) => k);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      row.push(Math.min(above[j] + 1, row[j - 1] + 1, above[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1)));
    }
    above = row;
  }
  return above[b.length];
}

/** The names that are most like one that is not there, for messages: best first, at most `count`. */
export function closeNames(wanted: string, names: readonly string[], count = 5): readonly string[] {
  const pairs = (text: string) => {
    const padded = ` ${text.toLowerCase()} `;
    return new Set(Array.from({ length: padded.length - 1 }, (_, k) => padded.slice(k, k + 2)));
  };
  const own = pairs(wanted);
  const likeness = (name: string) => {
    const other = pairs(name);
    const shared = [...own].filter((pair) => other.has(pair)).length;
    return (2 * shared) / (own.size + other.size);
  };
  return names
    .map((name) => ({ name, likeness: likeness(name) }))
    .sort((a, b) => b.likeness - a.likeness)
    .slice(0, count)
    .map(({ name }) => name);
}
