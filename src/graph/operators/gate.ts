import { ShapeError } from '../../core/errors.ts';
import { formatShape } from '../../core/shape.ts';
import type { Operator } from '../operator.ts';

/** The slope of the step: full from its inverse on. Where the product with a gate is beyond float32, it is cut off at 1 or 0 like any other. */
const STEEP = 1e30;

/**
 * x where the gate is positive, 0 elsewhere: what ReLU lets through backwards. Inputs: x, gate of the same shape. On engines that is so for
 * finite x and for gates that are 0, negative or at least 1e-30; an infinite x behind a closed gate is not a number there.
 */
export const gate: Operator<object> = {
  shape([x, by]) {
    if (formatShape(x) !== formatShape(by)) {
      throw new ShapeError(`gate: shapes ${formatShape(x)} and ${formatShape(by)} differ`);
    }
    return x;
  },

  evaluate: ([x, by]) => ({ shape: x.shape, data: x.data.map((value, k) => (by.data[k] > 0 ? value : 0)) }),

  // max(0, min(1, STEEP x)) is a step, several times faster in onnxruntime than Sign, and than Greater with Where.
  emit(emitter, [x, by], output) {
    emitter.node('HardSigmoid', [by], `${output}/step`, { alpha: { float: STEEP }, beta: { float: 0 } });
    emitter.node('Mul', [x, `${output}/step`], output);
  },

  gradient: (graph, { inputs: [, by], gradient }) => [() => graph.apply('gate', [gradient, by]), undefined],

  example(random) {
    const shape = Array.from({ length: random.integer(1, 4) }, () => random.integer(1, 5));
    return { inputs: [shape, shape], attributes: {} };
  },
};
