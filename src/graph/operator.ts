import type { Random } from '../core/random.ts';
import type { Emitter } from './emitter.ts';

/** Lengths of a tensor's axes. */
export type Shape = readonly number[];

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
  example(random: Random): Example<A>;
}
