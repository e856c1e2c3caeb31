import { resolvePaths } from './paths.ts';
import type { Study } from './study-file.ts';

/** A setting that two studies do not share. */
export interface SettingDifference {
  /** Its name as `--set` takes it: `training.epochs`. */
  readonly setting: string;
  /** Values as JSON; `nothing` where it is not given. */
  readonly before: string;
  readonly now: string;
}

/**
 * The first setting of what is learnt that differs between two studies. Paths may: what lies there is compared by its contents. What the fit is
 * scored on, and how, may too.
 */
export function firstDifference(before: Study, now: Study): SettingDifference | undefined {
  const withoutPaths = (study: Study) => {
    const { test: _, scoring: __, ...learnt } = resolvePaths(study, () => '');
    return { ...learnt, data: learnt.data.map(({ labels: ___, ...entry }) => entry) };
  };
  const path = differingPath([], withoutPaths(before), withoutPaths(now));
  if (path === undefined) return undefined;
  const valueIn = (study: Study) =>
    JSON.stringify(path.reduce<unknown>((value, key) => (isGroup(value) ? value[key] : undefined), study)) ?? 'nothing';
  return { setting: path.join('.'), before: valueIn(before), now: valueIn(now) };
}

function differingPath(path: readonly string[], before: unknown, now: unknown): readonly string[] | undefined {
  if (!isGroup(before) || !isGroup(now)) return before === now ? undefined : path;
  for (const key of new Set([...Object.keys(before), ...Object.keys(now)])) {
    const found = differingPath([...path, key], before[key], now[key]);
    if (found !== undefined) return found;
  }
  return undefined;
}

function isGroup(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
