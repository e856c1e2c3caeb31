import { ShapeError } from '../../core/errors.ts';
import { formatShape, sizeOf } from '../../core/shape.ts';
import type { Operator } from '../operator.ts';
import { interleave } from './interleave.ts';

/** Zeros for each axis of the input. */
export interface PadAttributes {
  /** Before its first position. */
  readonly low: readonly number[];
  /** After its last position. */
  readonly high: readonly number[];
  /** Between each two positions; none by default. */
  readonly interior?: readonly number[];
}

/**
 * A tensor with zeros around its values and between them: what `slice` undoes.
 * @source XLA's Pad, https://openxla.org/xla/operation_semantics#pad
 */
export const pad: Operator<PadAttributes> = {
  shape([from], { low, high, interior = zeros(from) }) {
    if ([low, high, interior].some((counts) => counts.length !== from.length || counts.some((count) => count < 0))) {
      throw new ShapeError(`pad: expected counts of zeros for each axis of ${formatShape(from)}`);
    }
    return from.map((length, axis) => low[axis] + length + (length - 1) * interior[axis] + high[axis]);
  },

  evaluate([input], attributes) {
    const { low, interior = zeros(input.shape) } = attributes;
    const shape = pad.shape([input.shape], attributes);
    const data = new Float64Array(sizeOf(shape));
    const strides = shape.map((_, axis) => sizeOf(shape.slice(axis + 1)));
    for (let k = 0; k < input.data.length; k++) {
      let at = 0;
      for (let axis = shape.length - 1, rest = k; axis >= 0; axis--) {
        const position = rest % input.shape[axis];
        rest = (rest - position) / input.shape[axis];
        at += (low[axis] + position * (interior[axis] + 1)) * strides[axis];
      }
      data[at] = input.data[k];
    }
    return { shape, data };
  },

  emit(emitter, [input], output, { low, high, interior = zeros(low) }, [from]) {
    let name = input;
    let shape = from;
    for (const axis of [...from.keys()].reverse().filter((k) => interior[k] > 0)) {
      const parts = Array.from({ length: interior[axis] + 1 }, (_, k) => (k === 0 ? name : undefined));
      shape = shape.map((length, k) => (k === axis ? length * parts.length : length));
      name = interleave(emitter, parts, shape.slice(axis), `${output}/${axis}`);
    }
    // One set of zeros too many lies behind the last position.
    const after = high.map((count, axis) => count - interior[axis]);
    const [missing, surplus] = [after.map((count) => Math.max(0, count)), after.map((count) => Math.min(0, count))];
    if (name !== input) {
      emitter.node('Reshape', [name, emitter.integers([-1, ...shape.slice(1)])], `${output}/spread`);
      name = `${output}/spread`;
    }
    const isCut = surplus.some((count) => count < 0);
    const padded = isCut ? `${output}/uncut` : output;
    emitter.node('Pad', [name, emitter.integers([...low, ...missing])], padded);
    if (isCut) {
      const axes = [...surplus.keys()].filter((axis) => surplus[axis] < 0);
      const ranges = [axes.map(() => 0), axes.map((axis) => surplus[axis]), axes].map((list) => emitter.integers(list));
      emitter.node('Slice', [padded, ...ranges], output);
    }
  },

  gradient(graph, { inputs: [input], attributes: { low, interior = zeros(low) }, gradient }) {
    return [
      () =>
        input.shape.reduce((inner, length, axis) => {
          const [from, step] = [low[axis], interior[axis] + 1];
          const to = from + (length - 1) * step + 1;
          if (from === 0 && to === inner.shape[axis] && step === 1) return inner;
          return graph.apply('slice', [inner], { axis, from, to, step });
        }, gradient),
    ];
  },

  example(random) {
    const shape = Array.from({ length: random.integer(1, 4) }, () => random.integer(1, 4));
    const counts = () => shape.map(() => random.integer(0, 2));
    return {
      inputs: [shape],
      attributes: { low: counts(), high: counts(), ...(random.uniform() < 0.7 && { interior: counts() }) },
    };
  },
};

function zeros(like: { readonly length: number }): number[] {
  return new Array<number>(like.length).fill(0);
}
