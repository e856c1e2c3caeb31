import { ARCHITECTURES } from '../../backbones/architectures.ts';
import { DOWNLOADABLE_WEIGHTS } from '../../backbones/weights-registry.ts';
import { READABLE_ENDINGS } from '../../formats/open.ts';
import type { Generalisation } from '../../inference/variance.ts';
import { BENCHMARKS } from '../../rdm/benchmarks.ts';
import type { CeilingAveraging } from '../../rdm/ceiling.ts';

// Help texts show these, and `--help` starts nothing: what is imported here holds little more than its table.
export { COMPARATOR_NAMES } from '../../rdm/comparators.ts';
export { DISTANCE_METRICS } from '../../rdm/distances.ts';

/** Distances of repeated measurements, in units of their noise. */
export const NOISE_METRICS = ['mahalanobis', 'crossnobis'] as const;

/** How noise ceilings average subjects. */
export const AVERAGINGS: readonly CeilingAveraging[] = ['raw', 'normalised'];

/** What inference takes for a sample of more. */
export const GENERALISATIONS: readonly Generalisation[] = ['both', 'stimuli', 'subjects'];

/** What a study's `architecture` may be: a network that looks at the images, or a file of activations computed elsewhere. */
export const FEATURE_ORIGINS: readonly string[] = [...ARCHITECTURES, 'features:FILE'];

/** Names of the networks whose weights can be downloaded. */
export const DOWNLOADABLE: readonly string[] = Object.keys(DOWNLOADABLE_WEIGHTS);

/** Names of the benchmarks whose noise ceilings are published. */
export const BENCHMARK_NAMES: readonly string[] = Object.keys(BENCHMARKS);

/** Endings of files that arrays are read from, as lists in texts have them. */
export const READABLE_FILES = listEndings(READABLE_ENDINGS);

/** Endings of files that RDMs can be written to, without the dot. */
export const RDM_ENDINGS: readonly string[] = ['mat', 'npz', 'npy', 'csv'];

/** The same, as lists in texts have them. */
export const RDM_FILES = listEndings(RDM_ENDINGS);

function listEndings(endings: readonly string[]): string {
  return endings.map((ending) => `.${ending}`).join(', ');
}
