import { sizeOf } from '../../core/shape.ts';
import { TensorProto_DataType } from '../../formats/onnx_pb.ts';
import { isFloatingPoint } from '../../formats/onnx-tensor.ts';
import type { Converter, OnnxNode } from './node.ts';
import { type Known, known, type Operand, valuesOf } from './operand.ts';

const reshape: Converter = (node) => {
  const input = node.input(0);
  const asked = node.numbers(1).map((length, axis) => (length === 0 ? (input.shape[axis] ?? 0) : length));
  const rest = sizeOf(input.shape) / asked.reduce((size, length) => (length === -1 ? size : size * length), 1);
  return node.reshape(
    input,
    asked.map((length) => (length === -1 ? rest : length)),
  );
};

const flatten: Converter = (node) => {
  const { shape } = node.input(0);
  const axis = node.integer('axis', 1);
  const front = sizeOf(shape.slice(0, axis)); // negative axes count from the end here too
  return node.reshape(node.input(0), [front, sizeOf(shape) / front]);
};

const squeeze: Converter = (node) => {
  const { shape } = node.input(0);
  const axes = node.listOrInput('axes', 1)?.map((axis) => node.axis(axis, shape));
  return node.reshape(
    node.input(0),
    shape.filter((length, axis) => !(axes?.includes(axis) ?? length === 1)),
  );
};

const unsqueeze: Converter = (node) => {
  const { shape } = node.input(0);
  const axes = node.listOrInput('axes', 1) ?? [];
  const rank = { length: shape.length + axes.length };
  const added = new Set(axes.map((axis) => node.axis(axis, rank)));
  const lengths = [...shape];
  return node.reshape(
    node.input(0),
    Array.from(rank, (_, axis) => (added.has(axis) ? 1 : lengths.shift()!)),
  );
};

const transpose: Converter = (node) => {
  const input = node.input(0);
  return node.apply('transpose', [input], { order: node.list('perm') ?? [...input.shape.keys()].reverse() });
};

const concat: Converter = (node) =>
  node.apply('concat', node.inputs, { axis: node.axis(node.integer('axis', 0), node.input(0).shape) });

const slice: Converter = (node) => {
  const input = node.input(0);
  const starts = node.listOrInput('starts', 1) ?? [];
  const ends = node.listOrInput('ends', 2) ?? [];
  const axes = node.listOrInput('axes', 3) ?? starts.map((_, k) => k);
  const steps = node.has(4) ? node.numbers(4) : starts.map(() => 1);
  return axes.reduce((result: Operand, given, k) => {
    const axis = node.axis(given, input.shape);
    const length = result.shape[axis];
    const [from, to] = [starts[k], ends[k]].map((position) => (position < 0 ? position + length : position));
    if (steps[k] < 0) return backwards(node, result, axis, Math.min(from, length - 1), Math.max(to, -1), -steps[k]);
    const range = { axis, from: Math.max(0, from), to: Math.min(length, to), step: steps[k] };
    return range.from === 0 && range.to === length && range.step === 1 ? result : node.apply('slice', [result], range);
  }, input);
};

/** Exporters turn lists of known numbers around like this; tensors are not. */
function backwards(node: OnnxNode, operand: Operand, axis: number, from: number, to: number, step: number): Operand {
  const stated = node.stated(operand) ?? node.refuse('slices that go forwards', `a step of ${-step}`);
  const positions = Array.from({ length: Math.ceil((from - to) / step) }, (_, k) => from - k * step);
  return taken(stated, axis, positions, [positions.length]);
}

/** Positions along an axis of known numbers. */
function taken(operand: Known, axis: number, positions: readonly number[], shape: readonly number[]): Operand {
  const [before, after] = [operand.shape.slice(0, axis), operand.shape.slice(axis + 1)];
  const [inner, length] = [sizeOf(after), operand.shape[axis]];
  const data: number[] = [];
  for (let row = 0; row < sizeOf(before); row++) {
    for (const position of positions) {
      const start = (row * length + position) * inner;
      data.push(...operand.data.subarray(start, start + inner));
    }
  }
  return known({ shape: [...before, ...shape, ...after], data: Float64Array.from(data) }, operand.isInteger);
}

const gather: Converter = (node) => {
  const [values, at] = node.inputs;
  const from = node.stated(values) ?? node.refuse('numbers that the model states', 'some that it computes');
  const axis = node.axis(node.integer('axis', 0), from.shape);
  const positions = node.numbers(1).map((position) => (position < 0 ? position + from.shape[axis] : position));
  return taken(from, axis, positions, at.shape);
};

const pad: Converter = (node) => {
  const input = node.input(0);
  const counts = node.listOrInput('pads', 1) ?? node.refuse('pads', 'none');
  const mode = node.text('mode') ?? 'constant';
  const value = node.attribute('value')?.f ?? (node.has(2) ? node.numbers(2)[0] : 0);
  if (mode !== 'constant' || value !== 0) return node.refuse('zeros', `${mode} ${value}`);
  if (counts.every((count) => count === 0)) return input;
  if (node.has(3) || counts.some((count) => count < 0))
    return node.refuse('counts from 0 on for each axis', `${counts}`);
  const rank = input.shape.length;
  return node.apply('pad', [input], { low: counts.slice(0, rank), high: counts.slice(rank) });
};

const constant: Converter = (node) => {
  const tensor = node.attribute('value')?.t;
  if (tensor !== undefined) {
    const { shape, data } = valuesOf(node.target.path, tensor);
    return known({ shape, data: Float64Array.from(data) }, !isFloatingPoint(tensor.dataType));
  }
  const [one, several] = [node.attribute('value_int'), node.attribute('value_ints')];
  if (one !== undefined) return known({ shape: [], data: Float64Array.of(Number(one.i)) }, true);
  if (several !== undefined) return list(several.ints.map(Number), true);
  const real = node.attribute('value_float');
  if (real !== undefined) return known({ shape: [], data: Float64Array.of(real.f) }, false);
  return list(node.attribute('value_floats')?.floats ?? node.refuse('numbers', 'another value'), false);
};

const shape: Converter = (node) => {
  const lengths = node.input(0).shape;
  const end = node.integer('end', lengths.length);
  return list(lengths.slice(node.integer('start', 0), end), true);
};

const constantOfShape: Converter = (node) => {
  const tensor = node.attribute('value')?.t;
  const lengths = [...node.numbers(0)];
  const value = tensor === undefined ? 0 : valuesOf(node.target.path, tensor).data[0];
  const data = new Float64Array(sizeOf(lengths)).fill(value);
  return known({ shape: lengths, data }, tensor !== undefined && !isFloatingPoint(tensor.dataType));
};

const cast: Converter = (node) => {
  const input = node.input(0);
  const to = node.integer('to', TensorProto_DataType.FLOAT);
  if (isFloatingPoint(to)) return input.kind === 'known' ? { ...input, isInteger: false } : input;
  const { shape, data } = node.stated(input) ?? node.refuse('real numbers', `type ${to}`);
  return known({ shape, data: data.map(Math.trunc) }, true);
};

const equal: Converter = (node) => {
  const [a, b] = [node.numbers(0), node.numbers(1)];
  if (a.length !== b.length && b.length !== 1) return node.refuse(`${a.length} numbers`, `${b.length}`);
  const data = Float64Array.from(a, (value, k) => Number(value === (b.length === 1 ? b[0] : b[k])));
  return known({ shape: node.input(0).shape, data }, true);
};

const first: Converter = (node) => node.input(0);

function list(values: readonly number[], isInteger: boolean): Operand {
  return known({ shape: [values.length], data: Float64Array.from(values) }, isInteger);
}

/** Operators that move numbers, and those that exporters compute shapes with. */
export const LAYOUT_CONVERTERS: Readonly<Record<string, Converter>> = {
  Cast: cast,
  Concat: concat,
  Constant: constant,
  ConstantOfShape: constantOfShape,
  Dropout: first,
  Equal: equal,
  Flatten: flatten,
  Gather: gather,
  Identity: first,
  Pad: pad,
  Reshape: reshape,
  Shape: shape,
  Slice: slice,
  Squeeze: squeeze,
  Transpose: transpose,
  Unsqueeze: unsqueeze,
};
