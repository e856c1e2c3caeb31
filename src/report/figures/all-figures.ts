import type { ReportData } from '../../study/runs/report-data.ts';
import type { ScoredSet } from '../../study/scoring/scored-set.ts';
import { curvesFigure } from './curves-figure.ts';
import type { Figure } from './figure.ts';
import type { FigureOptions } from './frame.ts';
import { mdsFigure } from './mds-figure.ts';
import { type RdmFigure, rdmFigure } from './rdm-figure.ts';
import { scoresFigure } from './scores-figure.ts';
import { signedMaskFigure } from './signed-mask-figure.ts';
import { tuningFigure } from './tuning-figure.ts';
import { slug } from './wording.ts';
import { wrongPairsFigure } from './wrong-pairs-figure.ts';

/** A run's figures: null or none where the run does not hold what they show. */
export interface RunFigures {
  readonly scores: Figure | null;
  readonly tuning: Figure | null;
  readonly signedMask: Figure | null;
  readonly curves: Figure | null;
  /** In the order of the scored sets. */
  readonly sets: readonly SetFigures[];
}

/** Figures of one set of images. */
export interface SetFigures {
  readonly rdms: RdmFigure;
  readonly mds: Figure;
  readonly wrongPairs: Figure;
}

/**
 * All figures of a run.
 * @param pictures for each scored set a data URI an image (`thumbnailUris`)
 */
export function runFigures(
  { scored, tuning, fits }: Pick<ReportData, 'scored' | 'tuning' | 'fits'>,
  pictures: readonly (readonly string[])[],
  options: FigureOptions = {},
): RunFigures {
  const trained = fits.filter(({ metrics }) => metrics.length > 0);
  const slugs = setSlugs(scored);
  return {
    scores: scored.length === 0 ? null : scoresFigure(scored, options),
    tuning: tuning === null ? null : tuningFigure(tuning, options),
    signedMask: tuning === null ? null : signedMaskFigure(tuning.stages, options),
    curves: trained.length === 0 ? null : curvesFigure(trained, options),
    sets: scored.map((set, k) => ({
      rdms: rdmFigure(set, pictures[k], { ...options, id: `rdms-${slugs[k]}` }),
      mds: mdsFigure(set, pictures[k], { ...options, id: `map-${slugs[k]}` }),
      wrongPairs: wrongPairsFigure(set, pictures[k], { ...options, id: `wrong-pairs-${slugs[k]}` }),
    })),
  };
}

/** The figures that there are, as files are written of them. */
export function listFigures({ scores, tuning, signedMask, curves, sets }: RunFigures): Figure[] {
  const ofSets = sets.flatMap(({ rdms, mds, wrongPairs }) => [rdms, mds, wrongPairs]);
  return [scores, ...ofSets, tuning, signedMask, curves].filter((figure) => figure !== null);
}

/** Each set's name and role as part of an id, with a number where others have the same. */
function setSlugs(sets: readonly ScoredSet[]): string[] {
  const taken = new Set<string>();
  return sets.map(({ name, role }) => {
    const plain = `${slug(name)}-${role}`;
    let free = plain;
    for (let k = 2; taken.has(free); k++) free = `${plain}-${k}`;
    taken.add(free);
    return free;
  });
}
