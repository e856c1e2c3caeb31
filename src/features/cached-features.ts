import { digestBytes, digestText } from '../core/digest.ts';
import { messageOf } from '../core/errors.ts';
import type { OnNotice } from '../core/progress.ts';
import { openSafetensors } from '../formats/safetensors.ts';
import { layOutSafetensors } from '../formats/safetensors-write.ts';
import type { BlobCache, Sink, Source } from '../formats/source.ts';
import type { FeatureStream } from './features.ts';
import { bytesOf } from './spilled-features.ts';
import { layOutStages } from './stage-layout.ts';

/** Changes whenever what is stored, or what it means, does. */
const FEATURES_FORMAT = 'hypercolumn features 1';
const EMPTY_DIGEST = '0'.repeat(64);

/**
 * The same stream, kept in a cache as it is read: a later `read()` takes the features from there. Each image's features are checked against
 * a digest; from a damaged one on, the stream itself is read again and the entry replaced. An entry that cannot be kept costs a notice,
 * never the features.
 */
export function cachedFeatures(
  cache: BlobCache,
  stream: FeatureStream,
  { onNotice }: { readonly onNotice?: OnNotice | undefined } = {},
): FeatureStream {
  return {
    ...stream,
    async *read() {
      const key = await digestText(JSON.stringify([FEATURES_FORMAT, stream.key]));
      let done = 0;
      const source = await cache.open(key);
      if (source !== undefined) {
        for await (const features of intactImages(source, stream)) {
          yield features;
          done++;
        }
      }
      if (done === stream.conditions.length) return;
      const keeper = keepImages(cache, key, stream, onNotice);
      try {
        let image = 0;
        for await (const features of stream.read()) {
          await keeper.put(features);
          if (image++ >= done) yield features;
        }
        await keeper.finish();
      } finally {
        await keeper.giveUp();
      }
    },
  };
}

function layOut({ conditions, stages, key }: FeatureStream, digests: readonly string[]) {
  return layOutSafetensors(
    [{ name: 'features', dtype: 'float32', shape: [conditions.length, layOutStages(stages).nFeatures] }],
    { format: FEATURES_FORMAT, key, names: JSON.stringify(conditions), digests: digests.join(' ') },
  );
}

/** Images of an entry up to the first that is damaged; none where the entry is not of this stream. */
async function* intactImages(source: Source, stream: FeatureStream): AsyncGenerator<Float32Array[]> {
  const { places, nFeatures } = layOutStages(stream.stages);
  const opened = await openSafetensors(source).catch(() => undefined);
  const digests = opened?.metadata['digests']?.split(' ') ?? [];
  const { size, offsets } = layOut(
    stream,
    stream.conditions.map(() => EMPTY_DIGEST),
  );
  if (opened?.metadata['key'] !== stream.key || source.size !== size) return;
  for (let image = 0; image < stream.conditions.length; image++) {
    const offset = offsets.get('features')! + image * 4 * nFeatures;
    const bytes = await source.read(offset, 4 * nFeatures).catch(() => new Uint8Array(0));
    if ((await digestBytes(bytes)) !== digests[image]) return;
    const features = new Float32Array(bytes.slice().buffer);
    yield places.map(({ stage, nPositions, firstFeature }) =>
      features.slice(firstFeature, firstFeature + stage.channels * nPositions),
    );
  }
}

/** Hands images one by one to a cache entry that is being written. */
function keepImages(cache: BlobCache, key: string, stream: FeatureStream, onNotice: OnNotice | undefined) {
  const { places, nFeatures } = layOutStages(stream.stages);
  const digests = stream.conditions.map(() => EMPTY_DIGEST);
  const { offsets, size } = layOut(stream, digests);
  const opened = deferred<Sink | null>();
  const complete = deferred<void>();
  let given = 0;
  let givenUp = false;
  const stored = cache
    .store(key, size, (sink) => {
      opened.resolve(sink);
      return complete.promise;
    })
    .catch((error: unknown) => {
      if (!givenUp) onNotice?.(`cache: the features could not be kept, ${messageOf(error)}`);
    })
    .finally(() => opened.resolve(null));

  return {
    async put(features: readonly Float32Array[]): Promise<void> {
      const sink = await opened.promise;
      const image = given++;
      if (sink === null || givenUp) return;
      const row = new Float32Array(nFeatures);
      for (const [k, { firstFeature }] of places.entries()) row.set(features[k], firstFeature);
      digests[image] = await digestBytes(bytesOf(row));
      await sink.write(offsets.get('features')! + image * 4 * nFeatures, bytesOf(row)).catch(complete.reject);
    },
    async finish(): Promise<void> {
      const sink = await opened.promise;
      await sink?.write(0, layOut(stream, digests).header).catch(complete.reject);
      complete.resolve();
      await stored;
    },
    /** Leaves no entry, unless it is finished. */
    async giveUp(): Promise<void> {
      givenUp = true;
      complete.reject(new Error('the features were not read to their end'));
      await stored;
    },
  };
}

function deferred<T>() {
  let resolve!: (value: T) => void;
  let reject!: (error: unknown) => void;
  const promise = new Promise<T>((resolvePromise, rejectPromise) => {
    resolve = resolvePromise;
    reject = rejectPromise;
  });
  promise.catch(() => {});
  return { promise, resolve, reject };
}
