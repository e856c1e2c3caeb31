import { sizeOf } from '../../core/shape.ts';
import { DEFAULT_EPSILON } from '../operators/batch-norm.ts';
import type { OperatorName } from '../operators/index.ts';
import { LAYOUT_CONVERTERS } from './layout-converters.ts';
import type { Converter, OnnxNode } from './node.ts';
import type { Operand } from './operand.ts';
import { same, sidesOf, type Windows, windowCounts, windowSums, windowsOf } from './windows.ts';

/** An ONNX operator that is one of the table, with the same inputs. */
const as =
  (operator: OperatorName): Converter =>
  (node) =>
    node.apply(operator, node.inputs);

/** The same of operators that weigh or shift tensors; single numbers are settings rather than gains and biases. */
const withGains =
  (convert: Converter): Converter =>
  (node) => {
    node.hasGains(...[...node.inputs.keys()].filter((k) => sizeOf(node.input(k).shape) > 1));
    return convert(node);
  };

const conv: Converter = (node) => {
  const windows = windowsOf(node, node.input(1).shape.slice(2));
  node.hasKernels(1, 2);
  return node.apply('conv', node.inputs, {
    stride: same(node, 'stride', windows.strides),
    pad: sidesOf(node, windows),
    groups: node.integer('group', 1),
  });
};

const maxPool: Converter = (node) => {
  const windows = windowsOf(node);
  return node.apply('maxPool', [node.input(0)], {
    kernel: same(node, 'kernel length', windows.kernel),
    stride: same(node, 'stride', windows.strides),
    pad: sidesOf(node, windows),
    ceil: node.integer('ceil_mode', 0) === 1,
  });
};

const averagePool: Converter = (node) => {
  const input = node.input(0);
  const windows = windowsOf(node);
  const { kernel, strides, before, behind } = windows;
  const lengths = input.shape.slice(-kernel.length);
  // A last window that reaches beyond the edge in ceil mode counts none of what lies there.
  const rest = lengths.map((length, k) => (length + before[k] + behind[k] - kernel[k]) % strides[k]);
  const isReaching = node.integer('ceil_mode', 0) === 1 && rest.some((count) => count > 0);
  if (isReaching) return node.refuse('windows that fit the maps', 'ceil_mode with windows that reach beyond them');
  const isPadded = [...before, ...behind].some((count) => count > 0);
  const all = !isPadded || node.integer('count_include_pad', 0) === 1;
  return node.apply('divide', [windowSums(node, input, windows), windowCounts(node, input, windows, all)]);
};

/** Across channels: x / (bias + alpha / size times the sum of squares of the channels around)^beta. */
const localResponse: Converter = (node) => {
  const input = node.input(0);
  const size = node.integer('size', 1);
  const [channels, ...positions] = [...input.shape.slice(1)].map((_, k) => (k === 0 ? size : 1));
  const none = positions.map(() => 0);
  const windows: Windows = {
    kernel: [channels, ...positions],
    strides: [1, ...positions],
    before: [Math.floor((size - 1) / 2), ...none],
    behind: [Math.ceil((size - 1) / 2), ...none],
  };
  const sums = windowSums(node, node.apply('square', [input]), windows);
  const scaled = node.apply('multiply', [sums, node.number(node.float('alpha', 1e-4) / size)]);
  const base = node.apply('add', [scaled, node.number(node.float('bias', 1))]);
  return node.apply('divide', [input, node.apply('power', [base], { exponent: node.float('beta', 0.75) })]);
};

const batchNorm: Converter = (node) => {
  if (node.integer('training_mode', 0) === 1) return node.refuse('frozen statistics', 'training_mode 1');
  node.hasGains(1, 2);
  node.hasStatistics(3, 4);
  return node.apply('batchNorm', node.inputs, { epsilon: node.float('epsilon', DEFAULT_EPSILON) });
};

const gemm: Converter = (node) => {
  node.hasKernels(0, 1, 2);
  const scaled = (operand: Operand, name: string) => {
    const factor = node.float(name, 1);
    return factor === 1 ? operand : node.apply('multiply', [operand, node.number(factor)]);
  };
  const product = node.apply('matMul', [node.input(0), node.input(1)], {
    transposeA: node.integer('transA', 0) === 1,
    transposeB: node.integer('transB', 0) === 1,
  });
  const whole = scaled(product, 'alpha');
  return node.has(2) ? node.apply('add', [whole, scaled(node.input(2), 'beta')]) : whole;
};

const matMul: Converter = (node) => {
  node.hasKernels(0, 1);
  return node.apply('matMul', [node.input(0), node.input(1)]);
};

/** The axes a node sums over: all where it names none, unless it says that these are none. */
function summedAxes(node: OnnxNode): readonly number[] {
  const { shape } = node.input(0);
  const given = node.listOrInput('axes', 1) ?? [];
  const isNone = given.length === 0 && node.integer('noop_with_empty_axes', 0) === 1;
  if (given.length === 0) return isNone ? [] : [...shape.keys()];
  return given.map((axis) => node.axis(axis, shape));
}

const reduceSum: Converter = (node) => {
  const axes = summedAxes(node);
  if (axes.length === 0) return node.input(0);
  return node.apply('reduceSum', [node.input(0)], { axes, keep: node.integer('keepdims', 1) === 1 });
};

const reduceMean: Converter = (node) => {
  const input = node.input(0);
  const axes = summedAxes(node);
  if (input.shape.length === 4 && axes.join() === '2,3' && node.integer('keepdims', 1) === 1) {
    return node.apply('globalMean', [input]);
  }
  const count = axes.reduce((product, axis) => product * input.shape[axis], 1);
  return node.apply('multiply', [reduceSum(node), node.number(1 / count)]);
};

/** Integers divide without a rest, as shapes do. */
const divide: Converter = (node) => {
  const quotient = node.apply('divide', node.inputs);
  if (quotient.kind !== 'known' || !quotient.isInteger) return quotient;
  return { ...quotient, data: quotient.data.map(Math.trunc) };
};

const power: Converter = (node) => {
  const exponents = node.numbers(1);
  const exponent = exponents.length === 1 ? exponents[0] : node.refuse('one exponent', `${exponents.length}`);
  return exponent === 2 ? node.apply('square', [node.input(0)]) : node.apply('power', [node.input(0)], { exponent });
};

const clip: Converter = (node) => {
  const bound = (name: string, k: number, byDefault: number) =>
    node.attribute(name)?.f ?? (node.has(k) ? node.numbers(k)[0] : byDefault);
  const largest = 3.4e38;
  return node.apply('clip', [node.input(0)], { least: bound('min', 1, -largest), most: bound('max', 2, largest) });
};

const sum: Converter = (node) => node.inputs.reduce((a, b) => node.apply('add', [a, b]));

/** What each ONNX operator becomes; the ones that are not here cannot be trained through. */
export const CONVERTERS: Readonly<Record<string, Converter>> = {
  ...LAYOUT_CONVERTERS,
  Abs: as('abs'),
  Add: withGains(as('add')),
  AveragePool: averagePool,
  BatchNormalization: batchNorm,
  Clip: clip,
  Conv: conv,
  Div: withGains(divide),
  Exp: as('exp'),
  Gemm: gemm,
  GlobalAveragePool: as('globalMean'),
  LRN: localResponse,
  MatMul: matMul,
  MaxPool: maxPool,
  Mul: withGains(as('multiply')),
  Neg: as('negate'),
  Pow: power,
  ReduceMean: reduceMean,
  ReduceSum: reduceSum,
  Relu: as('relu'),
  Sigmoid: as('sigmoid'),
  Sqrt: as('sqrt'),
  Sub: withGains(as('subtract')),
  Sum: withGains(sum),
};
