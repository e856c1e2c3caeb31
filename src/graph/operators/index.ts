import { batchNorm } from './batch-norm.ts';
import { add, divide, multiply, subtract } from './binary.ts';
import { expand } from './broadcast.ts';
import { conv } from './conv.ts';
import { convKernelGradient } from './conv-kernel-gradient.ts';
import { convTranspose } from './conv-transpose.ts';
import { gate } from './gate.ts';
import { globalMean } from './global-mean.ts';
import { concat, reshape, slice, transpose } from './layout.ts';
import { matMul } from './mat-mul.ts';
import { maxPool } from './max-pool.ts';
import { maxPoolGradient } from './max-pool-gradient.ts';
import { pad } from './pad.ts';
import { reduceSum } from './reduce-sum.ts';
import { abs, clip, exp, negate, power, relu, sigmoid, sign, sqrt, square } from './unary.ts';

/** Every operator a graph can hold. A new one is added here and in a file of its own; the tests that walk this table then try it. */
export const OPERATORS = {
  abs,
  add,
  batchNorm,
  clip,
  concat,
  conv,
  convKernelGradient,
  convTranspose,
  divide,
  exp,
  expand,
  gate,
  globalMean,
  matMul,
  maxPool,
  maxPoolGradient,
  multiply,
  negate,
  pad,
  power,
  reduceSum,
  relu,
  reshape,
  sigmoid,
  sign,
  slice,
  sqrt,
  square,
  subtract,
  transpose,
} as const;

export type OperatorName = keyof typeof OPERATORS;

/** Settings of an operator, beside its inputs. */
export type AttributesOf<K extends OperatorName> = Parameters<(typeof OPERATORS)[K]['shape']>[1];
