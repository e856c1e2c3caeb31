import { ShapeError } from '../../core/errors.ts';
import { formatShape, sizeOf } from '../../core/shape.ts';
import type { Operator, Shape } from '../operator.ts';
import { gather } from './gather.ts';

/** The same values in another shape: a 0 keeps that axis, a -1 is what is left over. */
export const reshape: Operator<{ readonly shape: Shape }> = {
  shape([from], { shape }) {
    const kept = shape.map((length, axis) => (length === 0 ? from[axis] : length));
    const known = kept.reduce((size, length) => (length === -1 ? size : size * length), 1);
    const result = kept.map((length) => (length === -1 ? sizeOf(from) / known : length));
    if (sizeOf(result) !== sizeOf(from) || !result.every(Number.isInteger)) {
      throw new ShapeError(`reshape: ${formatShape(from)} does not become ${formatShape(shape)}`);
    }
    return result;
  },
  evaluate: ([input], attributes) => ({ shape: reshape.shape([input.shape], attributes), data: input.data }),
  emit(emitter, [input], output, { shape }) {
    emitter.node('Reshape', [input, emitter.integers(shape)], output);
  },
  gradient: (graph, { inputs: [input], gradient }) => [
    () => graph.apply('reshape', [gradient], { shape: input.shape }),
  ],
  example(random) {
    const [a, b, c] = [random.integer(1, 4), random.integer(1, 4), random.integer(1, 4)];
    const shapes: Shape[] = [
      [a, b * c],
      [0, -1],
      [-1, b],
      [0, 0, c, 1],
    ];
    return { inputs: [[a, b, c]], attributes: { shape: shapes[random.integer(0, 3)].map((length) => length) } };
  },
};

/** Axes in another order: axis k of the result is axis order[k] of the input. */
export const transpose: Operator<{ readonly order: readonly number[] }> = {
  shape([from], { order }) {
    if (order.length !== from.length || [...order].sort((a, b) => a - b).some((axis, k) => axis !== k)) {
      throw new ShapeError(`transpose: order ${order.join(' ')} does not fit shape ${formatShape(from)}`);
    }
    return order.map((axis) => from[axis]);
  },
  evaluate([input], { order }) {
    const shape = transpose.shape([input.shape], { order });
    const strides = order.map((axis) => sizeOf(input.shape.slice(axis + 1)));
    return { shape, data: gather(input.data, shape, strides, 0) };
  },
  emit(emitter, inputs, output, { order }) {
    emitter.node('Transpose', inputs, output, { perm: order });
  },
  gradient: (graph, { attributes: { order }, gradient }) => [
    () => graph.apply('transpose', [gradient], { order: order.map((_, axis) => order.indexOf(axis)) }),
  ],
  example(random) {
    const shape = Array.from({ length: random.integer(1, 4) }, () => random.integer(1, 4));
    return { inputs: [shape], attributes: { order: [...random.permutation(shape.length)] } };
  },
};

/** Positions `from` to before `to` of one axis, every `step`-th. */
export const slice: Operator<{
  readonly axis: number;
  readonly from: number;
  readonly to: number;
  readonly step?: number;
}> = {
  shape([shape], { axis, from, to, step = 1 }) {
    if (!(0 <= from && from < to && to <= shape[axis] && step >= 1)) {
      throw new ShapeError(`slice: ${from} to ${to} by ${step} does not lie in axis ${axis} of ${formatShape(shape)}`);
    }
    return shape.map((length, k) => (k === axis ? Math.ceil((to - from) / step) : length));
  },
  evaluate([input], attributes) {
    const shape = slice.shape([input.shape], attributes);
    const { axis, from, step = 1 } = attributes;
    const strides = shape.map((_, k) => sizeOf(input.shape.slice(k + 1)) * (k === axis ? step : 1));
    return { shape, data: gather(input.data, shape, strides, from * sizeOf(input.shape.slice(axis + 1))) };
  },
  emit(emitter, [input], output, { axis, from, to, step = 1 }) {
    const ranges = [[from], [to], [axis], [step]].map((value) => emitter.integers(value));
    emitter.node('Slice', [input, ...ranges], output);
  },
  gradient(graph, { inputs: [input], output, attributes: { axis, from, step = 1 }, gradient }) {
    const along = (count: number) => input.shape.map((_, k) => (k === axis ? count : 0));
    const beyond = input.shape[axis] - from - (output.shape[axis] - 1) * step - 1;
    return [() => graph.apply('pad', [gradient], { low: along(from), high: along(beyond), interior: along(step - 1) })];
  },
  example(random) {
    const shape = Array.from({ length: random.integer(1, 4) }, () => random.integer(2, 6));
    const axis = random.integer(0, shape.length - 1);
    const from = random.integer(0, shape[axis] - 1);
    return {
      inputs: [shape],
      attributes: { axis, from, to: random.integer(from + 1, shape[axis]), step: random.integer(1, 3) },
    };
  },
};

/** Tensors one after the other along an axis. */
export const concat: Operator<{ readonly axis: number }> = {
  shape(inputs, { axis }) {
    const [first] = inputs;
    for (const shape of inputs) {
      if (shape.length !== first.length || shape.some((length, k) => k !== axis && length !== first[k])) {
        throw new ShapeError(
          `concat: shapes ${inputs.map(formatShape).join(' and ')} differ beyond axis ${axis}, or have none`,
        );
      }
    }
    return first.map((length, k) => (k === axis ? inputs.reduce((sum, shape) => sum + shape[axis], 0) : length));
  },
  evaluate(inputs, { axis }) {
    const shape = concat.shape(
      inputs.map((input) => input.shape),
      { axis },
    );
    const data = new Float64Array(sizeOf(shape));
    const nRuns = sizeOf(shape.slice(0, axis));
    for (let run = 0, at = 0; run < nRuns; run++) {
      for (const input of inputs) {
        const length = input.data.length / nRuns;
        data.set(input.data.subarray(run * length, (run + 1) * length), at);
        at += length;
      }
    }
    return { shape, data };
  },
  emit(emitter, inputs, output, { axis }) {
    emitter.node('Concat', inputs, output, { axis });
  },
  gradient(graph, { inputs, attributes: { axis }, gradient }) {
    let from = 0;
    return inputs.map(({ shape }) => {
      const part = { axis, from, to: from + shape[axis] };
      from = part.to;
      return () => graph.apply('slice', [gradient], part);
    });
  },
  example(random) {
    const shape = Array.from({ length: random.integer(1, 4) }, () => random.integer(1, 4));
    const axis = random.integer(0, shape.length - 1);
    const part = () => shape.map((length, k) => (k === axis ? random.integer(1, 4) : length));
    return { inputs: Array.from({ length: random.integer(1, 3) }, part), attributes: { axis } };
  },
};
