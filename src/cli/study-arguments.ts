import { type Command, Option } from 'commander';
import { UsageError } from '../core/errors.ts';
import { DEVICE_CHOICES } from '../engine/session.ts';
import type { Study } from '../study/settings/study-file.ts';

/** Options of commands that read a study. */
export interface StudyArguments {
  readonly set: readonly string[];
}

/** Adds the study argument and `--set`. `studyOf` gives the study's path. */
export function addStudyArguments(command: Command): Command {
  return command
    .argument('[study]', 'study file, YAML or JSON; its paths are relative to it')
    .option('--set <a.b=value...>', 'change a setting, such as training.epochs=8', []);
}

/**
 * The study's path, also where an option that takes a list (`--set a=1 study.yaml`) or an optional value (`--tuning study.yaml`) stood right
 * before it and took it.
 * @throws UsageError where there is none
 */
export function studyOf<T extends StudyArguments & { readonly tuning?: string | true }>(
  command: string,
  path: string | undefined,
  options: T,
): { readonly path: string; readonly options: T } {
  if (path !== undefined) return { path, options };
  const { set, tuning } = options;
  const last = set.at(-1);
  if (last !== undefined && !last.includes('=')) return { path: last, options: { ...options, set: set.slice(0, -1) } };
  if (typeof tuning === 'string' && !/^[\d.+-]+$/.test(tuning))
    return { path: tuning, options: { ...options, tuning: true } };
  throw new UsageError(
    `${command}: missing required argument 'study', a YAML or JSON file; see hypercolumn ${command} --help`,
  );
}

/** Adds `--cache`, `--keep-features`, `--threads` and `--device`. */
export function addEnvironmentOptions(command: Command): Command {
  return command
    .option('--cache <dir>', "cache folder (default: $HYPERCOLUMN_CACHE, else the user's cache directory)")
    .option('--keep-features', 'cache the features of images too, not only their statistics (large)')
    .option('--threads <n>', 'threads to compute with (default: all processors)')
    .addOption(
      new Option(
        '--device <name>',
        'what networks run on; auto tries all and takes the fastest (default: cpu)',
      ).choices(DEVICE_CHOICES),
    );
}

/** Reads the study with the command line's changes; every path in it absolute. */
export async function readStudy(path: string, { set }: StudyArguments): Promise<Study> {
  const { dirname, resolve } = await import('node:path');
  const { openFileSource } = await import('../host/index.ts');
  const { readText } = await import('../study/environment.ts');
  const { resolvePaths } = await import('../study/settings/paths.ts');
  const { parseStudy } = await import('../study/settings/study-file.ts');
  const text = await readText({ openSource: openFileSource }, path);
  return resolvePaths(parseStudy(text, path, set), (each) => resolve(dirname(path), each));
}
