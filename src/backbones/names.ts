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
