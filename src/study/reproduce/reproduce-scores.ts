import { openFile } from '../../formats/open.ts';
import { BENCHMARKS, type ChallengeVariable, publishedCeiling, TRACKS } from '../../rdm/benchmarks.ts';
import { percentOfCeiling, scoreRdm, trackScore } from '../../rdm/score.ts';
import { ceilingOrNull } from '../ceiling.ts';
import { type Environment, withSource } from '../environment.ts';
import { readRdmStack } from '../rdms/targets.ts';
import type { ChallengeSet, ChallengeTarget } from './challenge-data.ts';

/** How a prediction does on the test images. */
export interface TestScore {
  readonly rho: number;
  readonly r2: number;
  /** 100 r2 / ceiling. */
  readonly percentOfCeiling: number | null;
  /** In units of r2. */
  readonly ceiling: number | null;
  /** Whether the ceiling is the one that the challenge published, else the RDMs' own upper one. */
  readonly published: boolean;
}

const BENCHMARK = BENCHMARKS['algonauts2019-78'];

/**
 * Scores of what was predicted, for every variable that the test set has RDMs of.
 * @param submissions files that were written; null for one that was not
 */
export async function testScores(
  test: ChallengeSet | undefined,
  submissions: readonly (string | null)[],
  environment: Environment,
): Promise<Map<ChallengeVariable, TestScore>> {
  const scores = new Map<ChallengeVariable, TestScore>();
  for (const path of submissions) {
    if (test === undefined || path === null) continue;
    await withSource(environment, path, async (source) => {
      const file = await openFile(source);
      for (const [variable, target] of Object.entries(test.targets) as [ChallengeVariable, ChallengeTarget][]) {
        if (!file.entries.some(({ name }) => name === variable)) continue;
        const predicted = await readRdmStack(file, { path, variable });
        scores.set(variable, await scoreOn(predicted.values, variable, target, environment));
      }
    });
  }
  return scores;
}

async function scoreOn(
  predicted: Float64Array,
  variable: ChallengeVariable,
  target: ChallengeTarget,
  environment: Environment,
): Promise<TestScore> {
  const { onNotice } = environment;
  const stack = await withSource(environment, target.rdms, async (source) =>
    readRdmStack(await openFile(source), {
      ...{ path: target.rdms, onNotice },
      ...(target.variable !== undefined && { variable: target.variable }),
    }),
  );
  const { nConditions } = stack;
  const { rho, r2 } = scoreRdm({ values: predicted, nConditions, conditions: null }, { ...stack, conditions: null });
  // They are of these images and subjects, those of MEG of time-resolved RDMs.
  const published =
    nConditions === BENCHMARK.nConditions &&
    stack.nSubjects === BENCHMARK.nSubjects &&
    (stack.nTimes > 1 || !variable.startsWith('MEG'))
      ? publishedCeiling(BENCHMARK, variable)
      : null;
  const ceiling = published ?? ceilingOrNull(stack, `${target.rdms}, ${variable}`, onNotice)?.upper.r2 ?? null;
  return { rho, r2, ceiling, percentOfCeiling: percentOfCeiling(r2, ceiling), published: published !== null };
}

/**
 * Each track's % of the noise ceiling: its two mean r2 over their mean ceiling; null where one of them has no score, or one ceiling is
 * published and the other is not.
 */
export function trackPercentages(
  scores: ReadonlyMap<ChallengeVariable, TestScore>,
): Readonly<Record<keyof typeof TRACKS, number | null>> {
  const percentage = (variables: readonly ChallengeVariable[]) => {
    const both = variables.flatMap((variable) => scores.get(variable) ?? []);
    const alike = both.length === variables.length && new Set(both.map(({ published }) => published)).size === 1;
    return alike ? trackScore(both).percentOfCeiling : null;
  };
  return { fmri: percentage(TRACKS.fmri), meg: percentage(TRACKS.meg) };
}
