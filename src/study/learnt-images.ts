import { UsageError } from '../core/errors.ts';
import type { SheetWarning } from '../inference/score-sheet.ts';
import type { Environment } from './environment.ts';
import { type KnownImages, knownImages, overlapWarning } from './overlap.ts';
import { RUN_FILES } from './runs/run-folder.ts';
import { readScored } from './runs/scored-files.ts';

type Images = Pick<Environment, 'openSource' | 'joinPath' | 'isThere' | 'listImages'>;

/**
 * A warning for each folder or run whose images are, by content, among those that are scored on.
 * @param folder the images scored on
 * @param learntFrom folders of images, and runs, which know what they learnt from
 * @throws UsageError where one is neither
 */
export async function overlapsOf(
  folder: string,
  learntFrom: readonly string[],
  environment: Images,
): Promise<SheetWarning[]> {
  const scored = await knownImages(await environment.listImages(folder));
  const warnings: SheetWarning[] = [];
  for (const path of learntFrom) {
    const warning = overlapWarning(scored, await learntImages(path, environment));
    if (warning === null) continue;
    const { code, text } = warning;
    warnings.push(learntFrom.length > 1 ? { code, text: `${path}: ${text}` } : warning);
  }
  return warnings;
}

async function learntImages(path: string, environment: Images): Promise<KnownImages> {
  const at = (file: string) => environment.joinPath(path, file);
  if (await environment.isThere(at(RUN_FILES.scores))) return (await readScored(path, environment)).learnt;
  if (await environment.isThere(at(RUN_FILES.encoder))) {
    throw new UsageError(
      `--trained-on ${path}: this run does not hold the images it learnt from; name their folder, or fit it again`,
    );
  }
  return knownImages(await environment.listImages(path));
}
