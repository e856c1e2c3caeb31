import { ShapeError } from '../../core/errors.ts';
import { formatShape, sizeOf } from '../../core/shape.ts';
import type { Operator, Shape } from '../operator.ts';

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

  // Zeros between are zeros behind each position, once it has an axis of its own; one set too many, which the last Pad takes away again.
  emit(emitter, [input], output, { low, high, interior = zeros(low) }, [from]) {
    if (interior.every((count) => count === 0)) {
      emitter.node('Pad', [input, emitter.integers([...low, ...high])], output);
      return;
    }
    const split = from.flatMap((length, axis) => (interior[axis] > 0 ? [length, 1] : [length]));
    const behind = from.flatMap((_, axis) => (interior[axis] > 0 ? [0, interior[axis]] : [0]));
    const spread = from.map((length, axis) => length * (interior[axis] + 1));
    const left = high.map((count, axis) => count - interior[axis]);
    const open = (shape: Shape) => emitter.integers(interior[0] > 0 ? shape : [0, ...shape.slice(1)]);
    emitter.node('Reshape', [input, open(split)], `${output}/split`);
    emitter.node('Pad', [`${output}/split`, emitter.integers([...zeros(behind), ...behind])], `${output}/behind`);
    const joined = [...low, ...left].some((count) => count !== 0) ? `${output}/joined` : output;
    emitter.node('Reshape', [`${output}/behind`, open(spread)], joined);
    if (joined !== output) emitter.node('Pad', [joined, emitter.integers([...low, ...left])], output);
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
