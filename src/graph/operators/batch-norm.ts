import { ShapeError } from '../../core/errors.ts';
import { formatShape } from '../../core/shape.ts';
import type { Operator, Tensor } from '../operator.ts';

/** Inputs: maps n x c x ..., then gain, bias, mean and variance of c values each. */
export interface BatchNormAttributes {
  readonly epsilon?: number;
}

/** What PyTorch adds to the variance unless told otherwise. */
export const DEFAULT_EPSILON = 1e-5;

/** Batch normalisation with frozen statistics: (x - mean) / sqrt(variance + epsilon) gain + bias, channel by channel. */
export const batchNorm: Operator<BatchNormAttributes> = {
  shape([maps, ...vectors]) {
    for (const vector of vectors) {
      if (vector.length !== 1 || vector[0] !== maps[1]) {
        throw new ShapeError(`batchNorm: expected ${maps[1]} values a statistic, got ${formatShape(vector)}`);
      }
    }
    return maps;
  },

  evaluate([maps, gain, bias, mean, variance], { epsilon = DEFAULT_EPSILON }) {
    const channels = maps.shape[1];
    const positions = maps.shape.slice(2).reduce((size, length) => size * length, 1);
    const data = maps.data.map((x, k) => {
      const c = Math.floor(k / positions) % channels;
      return ((x - mean.data[c]) / Math.sqrt(variance.data[c] + epsilon)) * gain.data[c] + bias.data[c];
    });
    return { shape: maps.shape, data };
  },

  emit(emitter, inputs, output, { epsilon = DEFAULT_EPSILON }) {
    emitter.node('BatchNormalization', inputs, output, { epsilon: { float: epsilon } });
  },

  // Mean and variance are statistics that were gathered, not parameters: they have none.
  gradient(graph, { inputs: [maps, gain, , mean, variance], attributes: { epsilon = DEFAULT_EPSILON }, gradient }) {
    const axes = maps.shape.map((_, axis) => axis).filter((axis) => axis !== 1);
    const perChannel = (vector: Tensor) =>
      graph.apply('reshape', [vector], { shape: [-1, ...axes.slice(1).map(() => 1)] });
    const deviation = () => {
      const safe = graph.constant('epsilon', [], Float64Array.of(epsilon));
      return graph.apply('sqrt', [graph.apply('add', [variance, safe])]);
    };
    const sum = (tensor: Tensor) => graph.apply('reduceSum', [tensor], { axes, keep: false });
    return [
      () => graph.apply('multiply', [gradient, perChannel(graph.apply('divide', [gain, deviation()]))]),
      () => {
        const centred = graph.apply('subtract', [maps, perChannel(mean)]);
        return graph.apply('divide', [sum(graph.apply('multiply', [gradient, centred])), deviation()]);
      },
      () => sum(gradient),
      undefined,
      undefined,
    ];
  },

  example(random) {
    const channels = random.integer(1, 5);
    return {
      inputs: [
        [random.integer(1, 3), channels, random.integer(1, 5), random.integer(1, 5)],
        ...[[channels], [channels], [channels], [channels]],
      ],
      attributes: { epsilon: 10 ** -random.integer(1, 5) },
      ranges: [
        [-1, 1],
        [0.5, 2],
        [-1, 1],
        [-1, 1],
        [0.5, 2],
      ],
    };
  },
};
