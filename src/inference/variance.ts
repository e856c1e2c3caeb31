import {
  type Contrast,
  ceilingInfluence,
  contrastScores,
  mean,
  type ScoreTables,
  squaredDeviations,
  withoutSubjects,
} from './score-tables.ts';

/** What is taken for a random sample of more: the subjects, the stimuli, or both. */
export type Generalisation = 'subjects' | 'stimuli' | 'both';

/** Variance of an estimate, and the degrees of freedom of a t distribution to hold it against. */
export interface EstimatedVariance {
  readonly variance: number;
  readonly degrees: number;
}

/**
 * Variance of a contrast's mean over subjects, with each part of it counted once.
 *
 * Over subjects it is the sample variance over nSubjects; for the lower noise ceiling, in which every subject is in the others' mean, the
 * jackknife's. Over stimuli, the score is a sum over pairs: the bootstrap counts what belongs to single stimuli once and what belongs to
 * pairs alone three times, the jackknife once and twice, so that 2 jackknife - bootstrap counts both once. Over both,
 * stimuli + (subjects - interaction, no less than 0), the interaction of subjects and stimuli, which either holds, being what the same formula
 * gives of each subject's difference from the subjects' mean.
 * @remarks Where 2 jackknife - bootstrap falls below half the jackknife, as it may by chance with few stimuli, half the jackknife stands in.
 * Degrees of freedom: nSubjects - 1, nStimuli - 1, or Satterthwaite's of the two parts.
 * @source Schütt et al. 2023, eLife 12:e82566, whose dual bootstrap 2 (subjects + stimuli) - both is this but for the pairs' own part, which it
 * counts three times; Efron and Stein 1981, Annals of Statistics 9:586-596
 */
export function contrastVariance(tables: ScoreTables, contrast: Contrast, over: Generalisation): EstimatedVariance {
  const { nSubjects, nConditions } = tables;
  const ofSubjects = over === 'stimuli' ? 0 : subjectVariance(tables, contrast);
  if (over === 'subjects') return { variance: ofSubjects, degrees: nSubjects - 1 };
  const { bootstrap, jackknife } = contrastScores(tables, contrast);
  const ofStimuli = onceEach(
    sampleVariance(bootstrap.map(mean)) * (nConditions / (nConditions - 1)),
    squaredDeviations(jackknife.map(mean)) * ((nConditions - 1) / nConditions),
  );
  if (over === 'stimuli') return { variance: ofStimuli, degrees: nConditions - 1 };
  const answers = contrastScores(tables, contrast, ceilingInfluence(tables));
  const interaction = onceEach(
    meanInteraction(answers.bootstrap, answers.full) * (nConditions / (nConditions - 1)),
    meanInteraction(answers.jackknife, answers.full) * (nConditions - 1),
  );
  const rest = Math.max(0, ofSubjects - interaction);
  const variance = ofStimuli + rest;
  const degrees = variance ** 2 / (rest ** 2 / (nSubjects - 1) + ofStimuli ** 2 / (nConditions - 1));
  return { variance, degrees: variance > 0 ? degrees : Math.min(nSubjects, nConditions) - 1 };
}

/** Variances of a contrast's mean over bootstrap samples of subjects, of stimuli and of both at once, as they come. */
export interface BootstrapVariances {
  readonly subjects: number;
  readonly stimuli: number;
  readonly both: number;
  /**
   * 2 (subjects + stimuli) - both, no less than either and no more than both together: for comparison with rsatoolbox. No test here uses it,
   * since it counts what belongs to pairs of stimuli alone three times: a t test with it rejects less than 3 % of true nulls at 5 %.
   */
  readonly dual: number;
}

/**
 * The three bootstraps' variances and what they make together.
 * @source Schütt et al. 2023, eLife 12:e82566; rsatoolbox eval_dual_bootstrap
 */
export function bootstrapVariances(tables: ScoreTables, contrast: Contrast): BootstrapVariances {
  const { full, bootstrap } = contrastScores(tables, contrast);
  const drawn = (scores: Float64Array, counts: Uint32Array) =>
    counts.reduce((sum, count, subject) => sum + count * scores[subject], 0) / scores.length;
  const subjects = sampleVariance(tables.subjectCounts.map((counts) => drawn(full, counts)));
  const stimuli = sampleVariance(bootstrap.map(mean));
  const both = sampleVariance(bootstrap.map((scores, k) => drawn(scores, tables.subjectCounts[k])));
  const dual = Math.min(Math.max(2 * (subjects + stimuli) - both, subjects, stimuli), both);
  return { subjects, stimuli, both, dual };
}

function subjectVariance(tables: ScoreTables, contrast: Contrast): number {
  const { nSubjects } = tables;
  return (squaredDeviations(withoutSubjects(tables, contrast)) * (nSubjects - 1)) / nSubjects;
}

function onceEach(bootstrap: number, jackknife: number): number {
  return Math.max(2 * jackknife - bootstrap, jackknife / 2);
}

/** Mean over resamples of the variance of a subjects' mean that their answers to the resample give it. */
function meanInteraction(resampled: readonly Float64Array[], full: Float64Array): number {
  const nSubjects = full.length;
  const answers = resampled.map((scores) => scores.map((score, subject) => score - full[subject]));
  const centre = full.map((_, subject) => answers.reduce((sum, answer) => sum + answer[subject], 0) / answers.length);
  const variances = answers.map(
    (answer) => squaredDeviations(answer.map((value, s) => value - centre[s])) / nSubjects / (nSubjects - 1),
  );
  return mean(variances);
}

function sampleVariance(values: readonly number[]): number {
  return squaredDeviations(values) / (values.length - 1);
}
