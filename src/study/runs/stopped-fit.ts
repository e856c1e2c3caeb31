import { UsageError } from '../../core/errors.ts';
import type { Environment } from '../environment.ts';

/** What a folder of a fit under way is known by. */
export const CHECKPOINT = 'checkpoint.safetensors';

const ENDING = '.partial';

/** Where the fits of a run are kept while they are under way. */
export function partialFolder(run: string): string {
  return `${withoutSlash(run)}${ENDING}`;
}

/**
 * The run whose fit was stopped and is kept in this very folder.
 * @returns undefined where the folder is none of that kind
 */
export async function stoppedRunIn(
  folder: string,
  { isThere, joinPath }: Pick<Environment, 'isThere' | 'joinPath'>,
): Promise<string | undefined> {
  const run = withoutSlash(folder).slice(0, -ENDING.length);
  if (run === '' || partialFolder(run) !== withoutSlash(folder)) return undefined;
  return (await isThere(joinPath(folder, CHECKPOINT))) ? run : undefined;
}

/**
 * Asserts that a folder is not that of a fit which was stopped, nor the place of a run that such a fit has not come to yet.
 * @param folder where a run is looked for
 * @param file what a finished run has there
 * @throws UsageError that says where the fit is and how it is finished
 */
export async function checkNotStopped(
  folder: string,
  file: string,
  environment: Pick<Environment, 'isThere' | 'joinPath'>,
): Promise<void> {
  const { isThere, joinPath } = environment;
  const inside = await stoppedRunIn(folder, environment);
  const unfinished = inside === undefined && !(await isThere(joinPath(folder, file)));
  const run = inside ?? (unfinished ? await stoppedRunIn(partialFolder(folder), environment) : undefined);
  if (run === undefined) return;
  throw new UsageError(
    `${folder}: expected the folder of a finished run, ${partialFolder(run)} holds a fit that was stopped; finish it with hypercolumn fit --resume --out ${run} and its study`,
  );
}

function withoutSlash(folder: string): string {
  return folder.replace(/[\\/]+$/, '');
}
