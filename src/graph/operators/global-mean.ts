import type { Operator } from '../operator.ts';
import { axesOf } from './spatial.ts';

/** Mean of each map over its positions: n x c x h x w to n x c x 1 x 1. */
export const globalMean: Operator<object> = {
  shape([maps]) {
    const [n, channels] = axesOf('globalMean', maps);
    return [n, channels, 1, 1];
  },

  evaluate([maps]) {
    const [n, channels, height, width] = axesOf('globalMean', maps.shape);
    const positions = height * width;
    const data = new Float64Array(n * channels);
    for (let plane = 0; plane < data.length; plane++) {
      let sum = 0;
      for (let k = 0; k < positions; k++) sum += maps.data[plane * positions + k];
      data[plane] = sum / positions;
    }
    return { shape: [n, channels, 1, 1], data };
  },

  emit(emitter, inputs, output) {
    emitter.node('GlobalAveragePool', inputs, output);
  },

  gradient(graph, { inputs: [maps], gradient }) {
    const share = () => graph.constant('share', [], Float64Array.of(1 / (maps.shape[2] * maps.shape[3])));
    return [() => graph.apply('multiply', [gradient, share()])];
  },

  example: (random) => ({
    inputs: [[random.integer(1, 3), random.integer(1, 4), random.integer(1, 6), random.integer(1, 6)]],
    attributes: {},
  }),
};
