import { ShapeError } from '../../core/errors.ts';
import { formatShape, sizeOf } from '../../core/shape.ts';
import type { Operator } from '../operator.ts';

/** Sum over some axes, at least one, which stay with length 1 unless `keep` is false. */
export const reduceSum: Operator<{ readonly axes: readonly number[]; readonly keep?: boolean }> = {
  shape([from], { axes, keep = true }) {
    // ONNX takes none for all.
    if (axes.length === 0) throw new ShapeError('reduceSum: expected axes to sum over, got none; leave it out');
    if (axes.some((axis) => !(axis >= 0 && axis < from.length))) {
      throw new ShapeError(`reduceSum: axes ${axes.join(' ')} do not lie in shape ${formatShape(from)}`);
    }
    return keep
      ? from.map((length, axis) => (axes.includes(axis) ? 1 : length))
      : from.filter((_, axis) => !axes.includes(axis));
  },

  evaluate([input], attributes) {
    const { axes } = attributes;
    const kept = reduceSum.shape([input.shape], { axes });
    const data = new Float64Array(sizeOf(kept));
    const position = new Array<number>(kept.length).fill(0);
    const strides = kept.map((_, axis) => (axes.includes(axis) ? 0 : sizeOf(kept.slice(axis + 1))));
    for (let k = 0, at = 0; k < input.data.length; k++) {
      data[at] += input.data[k];
      for (let axis = kept.length - 1; axis >= 0; axis--) {
        at += strides[axis];
        if (++position[axis] < input.shape[axis]) break;
        position[axis] = 0;
        at -= strides[axis] * input.shape[axis];
      }
    }
    return { shape: reduceSum.shape([input.shape], attributes), data };
  },

  emit(emitter, [input], output, { axes, keep = true }) {
    emitter.node('ReduceSum', [input, emitter.integers(axes)], output, { keepdims: keep ? 1 : 0 });
  },

  gradient(graph, { inputs: [input], attributes: { axes, keep = true }, gradient }) {
    const kept = input.shape.map((length, axis) => (axes.includes(axis) ? 1 : length));
    return [() => (keep ? gradient : graph.apply('reshape', [gradient], { shape: kept }))];
  },

  example(random) {
    const shape = Array.from({ length: random.integer(1, 4) }, () => random.integer(1, 5));
    const axes = [...shape.keys()].filter(() => random.uniform() < 0.5);
    return { inputs: [shape], attributes: { axes: axes.length > 0 ? axes : [0], keep: random.uniform() < 0.5 } };
  },
};
