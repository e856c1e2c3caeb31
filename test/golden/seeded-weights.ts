import type { Parameter } from '../../src/backbones/network.ts';
import { sizeOf } from '../../src/core/shape.ts';
import { between } from './seeded.ts';

/** The weights that `fill` of networks.py gives PyTorch's networks. */
export function seededWeights({ name, shape, kind }: Parameter): Float32Array {
  const bound = Math.sqrt(3) * sizeOf(shape.slice(1)) ** -0.5;
  const ranges = {
    kernel: [-bound, bound],
    variance: [0.5, 2],
    gain: [0.5, 1.5],
    mean: [-0.3, 0.3],
    bias: [-0.3, 0.3],
  };
  const [low, high] = ranges[kind];
  return between(name, shape, low, high);
}
