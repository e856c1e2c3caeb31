import type { Graph, Tensor } from '../graph/graph.ts';
import type { InputNormalisation } from '../images/normalisation.ts';

/** A place in a network whose output can be asked for. */
export interface Stage {
  readonly name: string;
  readonly channels: number;
  /** Pixels of the input from one position to the next. */
  readonly stride: number;
}

/** How an array of a network is filled where no weights are given. */
export type ParameterKind = 'kernel' | 'gain' | 'bias' | 'mean' | 'variance';

/** A named array of a network's weights. */
export interface Parameter {
  readonly name: string;
  readonly shape: readonly number[];
  readonly kind: ParameterKind;
}

/** Gives a network its weights, one array after the other, in float32 or float64. */
export type ReadParameter = (parameter: Parameter) => Float32Array | Float64Array;

/**
 * A network as data: what it is called, where it can be tapped, and how it is put together from the operators of `graph/`. It holds no
 * weights; those it asks for by name.
 */
export interface Network {
  readonly name: string;
  /** All stages, from the input on. */
  readonly stages: readonly Stage[];
  /** What `stages: 5` and `stages: 17` mean here: names out of `stages`, in order. */
  readonly stageSets: Readonly<Record<number, readonly string[]>>;
  /** The number of the set that is taken where the user names none. */
  readonly defaultStages: number;
  /** What it was made for; height and width are only the default, a network that is convolutional takes any. */
  readonly input: { readonly height: number; readonly width: number; readonly normalisation: InputNormalisation };
  /** `required`: weights come from a file, or are random where the user asks for it. `none`: it has nothing to learn, as the Gabor bank. */
  readonly weights: 'required' | 'none';
  /** Said when a file of weights has an array of this name, by which weights of a slightly different network can be told. */
  readonly caveat?: { readonly array: string; readonly notice: string };
  /**
   * Adds the network's nodes to a graph.
   * @param pixels n x 3 x height x width, normalised as `input.normalisation` says
   * @param read called once for each array of the weights
   * @returns every stage's tensor, n x channels x height x width
   */
  build(graph: Graph, pixels: Tensor, read: ReadParameter): Readonly<Record<string, Tensor>>;
}
