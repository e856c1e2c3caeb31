import { describeDuration } from '../core/duration.ts';
import { seededRandom } from '../core/random.ts';
import { engineChannelProducts } from '../features/channel-products.ts';
import type { FeatureStream } from '../features/features.ts';
import { type PairStatistics, pairStatistics } from '../features/pair-statistics.ts';
import type { EpochStatistics } from '../training/pairs/pair-learner.ts';
import type { Environment } from './environment.ts';
import type { RandomCrops } from './features.ts';
import type { FitInput } from './fit-input.ts';

/** Statistics of new windows for each epoch, and what the network holds to compute them. */
export interface EpochCrops {
  readonly statistics: EpochStatistics;
  release(): Promise<void>;
}

/**
 * Pair statistics of one random window an image for each epoch, which depend on seed and epoch alone. The network sees every image anew each
 * epoch: what that costs is said once the first has been.
 * @param signal stops that between two batches
 */
export async function epochCrops(
  { study, images, features, streams }: FitInput,
  seed: number,
  { engine, openScratch, onNotice, onProgress }: Environment,
  signal?: AbortSignal,
): Promise<EpochCrops> {
  const { products, release } = await engineChannelProducts(engine);
  const cropsOf = new Map<FeatureStream, RandomCrops>();
  for (const [k, stream] of streams.entries()) {
    if (!cropsOf.has(stream)) cropsOf.set(stream, features.randomCropsOf!(images[k].stimuli));
  }
  const random = seededRandom(seed).derive('crops');
  let said = false;
  return {
    async statistics(epoch) {
      const startedAt = performance.now();
      const computed = new Map<FeatureStream, PairStatistics>();
      for (const [stream, crops] of cropsOf) {
        const windows = random.derive(`epoch ${epoch}, set ${computed.size + 1}`);
        const shown = await crops(windows, {
          signal,
          onProgress: (progress) => onProgress({ ...progress, detail: `epoch ${epoch} of ${study.training.epochs}` }),
        });
        computed.set(stream, await pairStatistics(shown, { products, openScratch }));
      }
      if (!said) onNotice(costOf((performance.now() - startedAt) / 1000, study.training.epochs));
      said = true;
      return streams.map((stream) => computed.get(stream)!);
    },
    release,
  };
}

function costOf(seconds: number, epochs: number): string {
  return `training.crop: random shows the network all images anew each epoch, which takes ${describeDuration(seconds)} here, ${describeDuration(seconds * epochs)} for ${epochs} epoch${epochs === 1 ? '' : 's'}; with crop: none it sees them once`;
}
