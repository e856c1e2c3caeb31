import type { StageShape } from '../../src/backbones/backbone.ts';
import type { FeatureStream } from '../../src/features/features.ts';
import golden from '../golden/features/expected.json' with { type: 'json' };

/** A stream over features in memory: for each image its stages. */
export function streamOf(
  stages: readonly StageShape[],
  images: readonly (readonly Float32Array[])[],
  conditions: readonly string[] = images.map((_, k) => `image ${k}`),
): FeatureStream {
  return {
    conditions,
    stages,
    key: 'in memory',
    async *read() {
      for (const features of images) yield features.map((values) => values.slice());
    },
  };
}

/** For each image of the golden file its stages' features, changed by `map`. */
export function goldenImages(map: (value: number) => number = (value) => value): Float32Array[][] {
  return Array.from({ length: golden.nImages }, (_, image) =>
    golden.stages.map(({ channels, height, width }, k) => {
      const size = channels * height * width;
      return Float32Array.from(golden.features[k].slice(image * size, (image + 1) * size), map);
    }),
  );
}

/** Features of `nImages` images drawn by a linear congruential generator, after a rectifier. */
export function drawnImages(stages: readonly StageShape[], nImages: number, seed = 1): Float32Array[][] {
  let state = seed;
  const next = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.max(0, state / 2 ** 32 - 0.3) * 4;
  };
  return Array.from({ length: nImages }, () =>
    stages.map(({ channels, height, width }) => Float32Array.from({ length: channels * height * width }, next)),
  );
}
