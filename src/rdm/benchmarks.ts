/** Image sets of the 2019 Algonauts challenge whose noise ceilings are published. */
export type BenchmarkName = 'algonauts2019-92' | 'algonauts2019-118' | 'algonauts2019-78';

/** The challenge's variables, in its files' words. */
export type ChallengeVariable = 'EVC_RDMs' | 'IT_RDMs' | 'MEG_RDMs_early' | 'MEG_RDMs_late';

/** A challenge track: the two variables whose scores are averaged. */
export const TRACKS = {
  fmri: ['EVC_RDMs', 'IT_RDMs'],
  meg: ['MEG_RDMs_early', 'MEG_RDMs_late'],
} as const satisfies Record<string, readonly ChallengeVariable[]>;

/** What a benchmark fixes. */
export interface Benchmark {
  readonly nConditions: number;
  readonly nSubjects: number;
  /** Published noise ceilings in units of r2: upper bounds, of fMRI RDMs and of time-resolved MEG RDMs. */
  readonly ceilings: Readonly<Record<ChallengeVariable, number>>;
}

/**
 * Sizes and published noise ceilings of the challenge's image sets.
 * @source the challenge's page; Cichy et al. 2019, arXiv:1905.05675
 */
export const BENCHMARKS: Readonly<Record<BenchmarkName, Benchmark>> = {
  'algonauts2019-92': benchmark(92, 0.1589, 0.3075, 0.4634, 0.2275),
  'algonauts2019-118': benchmark(118, 0.1048, 0.0728, 0.3468, 0.2265),
  'algonauts2019-78': benchmark(78, 0.064, 0.0647, 0.3562, 0.4452),
};

/** The published ceiling of a variable, in units of r2; null where there is none. */
export function publishedCeiling(benchmark: Benchmark, variable: string): number | null {
  return Object.hasOwn(benchmark.ceilings, variable) ? benchmark.ceilings[variable as ChallengeVariable] : null;
}

function benchmark(nConditions: number, evc: number, it: number, early: number, late: number): Benchmark {
  return {
    nConditions,
    nSubjects: 15,
    ceilings: { EVC_RDMs: evc, IT_RDMs: it, MEG_RDMs_early: early, MEG_RDMs_late: late },
  };
}
