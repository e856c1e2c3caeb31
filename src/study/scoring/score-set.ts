import { leftOutWarning, type SheetWarning, scoreSheet } from '../../inference/score-sheet.ts';
import { makeRdm } from '../../rdm/rdm.ts';
import type { Environment } from '../environment.ts';
import { type KnownImages, knownImages, overlapWarning } from '../overlap.ts';
import type { Rivals } from '../rivals/rivals.ts';
import { digestRdms } from '../runs/fit-ground.ts';
import type { Study } from '../settings/study-file.ts';
import { measuredSpread } from './measured.ts';
import type { ScoredRival, ScoredSet } from './scored-set.ts';
import type { ShownSet } from './shown-sets.ts';

/** What the fit is called among its rivals. */
const FIT = 'fit';

/** What a set is scored beside. */
export interface Beside {
  readonly study: Study;
  readonly rivals: readonly ScoredRival[];
  /** Rivals that there are none of. */
  readonly leftOut: Rivals['leftOut'];
  /** The images that the fit learnt from. */
  readonly learnt: KnownImages;
}

/** Scores a fit's prediction of a set beside its rivals; what a reader must know of how the set was come by leads the sheet's warnings. */
export async function scoreSet(
  set: ShownSet,
  { study, rivals, leftOut, learnt }: Beside,
  { runTasks, onProgress, onNotice }: Environment,
): Promise<ScoredSet> {
  const { name, role, images, rows, targets, predicted, stageParts } = set;
  const { nSubjects, nTimes } = targets;
  const { comparator, samples, permutations } = study.scoring;
  const models = [{ name: FIT, values: predicted }, ...rivals].map(({ name: model, values }) => {
    return { name: model, rdm: makeRdm(values, targets.conditions) };
  });
  const sheet = await scoreSheet(models, targets, {
    ...{ comparator, nSamples: samples, nPermutations: permutations, seed: study.training.seed },
    ...{ runTasks, onProgress, onNotice },
  });
  const shown = await knownImages(set.stimuli);
  const warnings: SheetWarning[] = [
    ...roleWarnings(set, shown, learnt),
    ...sheet.warnings,
    ...leftOut.map(leftOutWarning),
  ];
  return {
    ...{ name, role, nSubjects, nTimes, predicted, stageParts, rivals },
    source: images.source,
    digests: { images: set.imagesKey, rdms: await digestRdms(targets) },
    conditions: shown.names,
    labels: images.labels === null ? null : rows.map((row) => images.labels![row]),
    measured: measuredSpread(targets),
    thumbnails: shown.thumbnails,
    sheet: { ...sheet, warnings },
  };
}

function roleWarnings({ role, images: { name } }: ShownSet, shown: KnownImages, learnt: KnownImages): SheetWarning[] {
  const overlap = role === 'learnt' ? null : overlapWarning(shown, learnt);
  const overlaps = overlap === null ? [] : [overlap];
  if (role === 'test') return overlaps;
  const text =
    role === 'learnt'
      ? `the images of ${name} were learnt from, so these figures say how well the fit describes them and nothing of new images; name others under test, or hold some out with training.holdout`
      : `the held-out images of ${name} also chose the epoch that was kept, so the fit's figures are a little too good`;
  return [{ code: role === 'learnt' ? 'learnt' : 'chose-epoch', text }, ...overlaps];
}
