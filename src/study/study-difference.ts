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

/** The first setting that differs between two studies. Paths may: what lies there is compared by its contents. */
export function firstDifference(before: Study, now: Study): SettingDifference | undefined {
  return differenceAt([], ...([before, now].map((study) => resolvePaths(study, () => 'a file')) as [Study, Study]));
}

function differenceAt(path: readonly string[], before: unknown, now: unknown): SettingDifference | undefined {
  if (!isGroup(before) || !isGroup(now)) {
    const [a, b] = [before, now].map((value) => JSON.stringify(value) ?? 'nothing');
    return a === b ? undefined : { setting: path.join('.'), before: a, now: b };
  }
  for (const key of new Set([...Object.keys(before), ...Object.keys(now)])) {
    const difference = differenceAt([...path, key], before[key], now[key]);
    if (difference !== undefined) return difference;
  }
  return undefined;
}

function isGroup(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
