import type { Random } from '../core/random.ts';
import type { Emitter } from './emitter.ts';

/** Lengths of a tensor's axes. */
export type Shape = readonly number[];

/** A value of a graph. Two tensors are the same only if they are the same object. */
export interface Tensor {
  /** Where it came from, for messages and for whoever looks at the emitted model. */
  readonly name: string;
  readonly shape: Shape;
}

/** A dense float64 tensor, row-major: what the interpreter computes with. */
export interface Values {
  readonly shape: Shape;
  readonly data: Float64Array;
}

/** A valid use of an operator, drawn at random; the test that walks the table of operators feeds it random values. */
export interface Example<A> {
  readonly inputs: readonly Shape[];
  readonly attributes: A;
  /** Range the values of each input are drawn from; -1 to 1 by default. */
  readonly ranges?: readonly (readonly [from: number, to: number])[];
}

/** What a gradient rule adds its nodes to: a graph, whose operators it names. */
export interface Builder {
  apply(operator: string, inputs: readonly Tensor[], attributes?: object): Tensor;
  constant(name: string, shape: Shape, data: Float32Array | Float64Array): Tensor;
}

/** A node as its gradient rule sees it. */
export interface Applied<A> {
  readonly inputs: readonly Tensor[];
  readonly output: Tensor;
  readonly attributes: A;
  /** The loss's derivative by each value of the output, of the output's shape. */
  readonly gradient: Tensor;
}

/**
 * For each input a function that adds the loss's derivative by its values and is called only where it is wanted. Axes of length 1 may stand for
 * axes along which the derivative is the same. Undefined where a value's derivative is zero or is never asked for.
 */
export type InputGradients = readonly ((() => Tensor) | undefined)[];

/** What the graph knows of an operator. All of them have one output. */
export interface Operator<A> {
  /**
   * Shape of the output.
   * @throws ShapeError where the inputs do not fit the operator
   */
  shape(inputs: readonly Shape[], attributes: A): Shape;
  /** The definition, in plain float64 loops. */
  evaluate(inputs: readonly Values[], attributes: A): Values;
  /** Adds ONNX nodes that compute `output` from tensors of these names and shapes; the first axis may be longer when the model runs. */
  emit(emitter: Emitter, inputs: readonly string[], output: string, attributes: A, shapes: readonly Shape[]): void;
  /** The derivative, as nodes of the same graph; an operator without it stops `differentiate` with an error. */
  gradient?(graph: Builder, node: Applied<A>): InputGradients;
  example(random: Random): Example<A>;
}
