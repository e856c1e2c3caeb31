/** Stages that are read as one. */
export interface StageGroup {
  readonly name: string;
  /** Positions of its stages, ascending. */
  readonly members: readonly number[];
}

const BLOCK = /^(.+)\.\d+$/;

/**
 * Blocks of a stage taken together: `layer1.0`, `layer1.1` and `layer1.2` are `layer1`, and a stage without a number is its own group.
 * @param names of the stages
 * @returns in order of their first stages; null where no two stages belong together
 */
export function stageGroups(names: readonly string[]): StageGroup[] | null {
  const groups = new Map<string, number[]>();
  for (const [k, name] of names.entries()) {
    const group = BLOCK.exec(name)?.[1] ?? name;
    groups.set(group, [...(groups.get(group) ?? []), k]);
  }
  if (groups.size === names.length) return null;
  return Array.from(groups, ([name, members]) => ({ name, members }));
}

/** Each stage as a group of its own. */
export function stagesAlone(names: readonly string[]): StageGroup[] {
  return names.map((name, k) => ({ name, members: [k] }));
}

/** Shares of groups: the sums of their stages' shares, as parts of a variance add up. */
export function groupShares(shares: readonly number[], groups: readonly StageGroup[]): number[] {
  return groups.map(({ members }) => members.reduce((sum, k) => sum + shares[k], 0));
}
