import { DOWNLOADABLE_WEIGHTS, type DownloadableWeights } from '../backbones/weights-registry.ts';
import { UsageError } from '../core/errors.ts';

/**
 * What is known of a backbone's downloadable weights.
 * @throws UsageError where there are none, listing those there are
 */
export function downloadableWeights(name: string): DownloadableWeights {
  if (Object.hasOwn(DOWNLOADABLE_WEIGHTS, name)) return DOWNLOADABLE_WEIGHTS[name];
  throw new UsageError(
    `weights: expected ${Object.keys(DOWNLOADABLE_WEIGHTS).join(' or ')}, got ${name}; the weights of other networks are named by path (backbone.weights of a study, --weights of extract)`,
  );
}
