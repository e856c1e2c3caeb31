import { UsageError } from '../../core/errors.ts';
import type { AttributeProto, NodeProto } from '../../formats/onnx_pb.ts';
import { type Graph, operatorOf, type Tensor } from '../graph.ts';
import type { Shape } from '../operator.ts';
import type { AttributesOf, OperatorName } from '../operators/index.ts';
import { known, type Operand, ofGraph } from './operand.ts';

/** Where converted nodes go. */
export interface Target {
  /** Of the model, for messages. */
  readonly path: string;
  readonly graph: Graph;
  /** The constant of a weight; each is added once, under its own name. */
  weight(operand: Extract<Operand, { kind: 'weight' }>): Tensor;
  /** Names of weights that can train. */
  readonly parameters: Set<string>;
}

/** A node of an ONNX model, as converters see it. */
export class OnnxNode {
  readonly target: Target;
  readonly proto: NodeProto;
  readonly #inputs: readonly (Operand | undefined)[];
  readonly #attributes: ReadonlyMap<string, AttributeProto>;

  constructor(target: Target, proto: NodeProto, inputs: readonly (Operand | undefined)[]) {
    this.target = target;
    this.proto = proto;
    this.#inputs = inputs;
    this.#attributes = new Map(proto.attribute.map((attribute) => [attribute.name, attribute]));
  }

  get inputs(): readonly Operand[] {
    return this.#inputs.map((_, k) => this.input(k));
  }

  /** Input k; inputs that may be left out are asked for by `has` first. */
  input(k: number): Operand {
    return this.#inputs[k] ?? this.refuse(`${k + 1} inputs`, `${this.#inputs.length}`);
  }

  has(k: number): boolean {
    return this.#inputs[k] !== undefined;
  }

  /** Input k, which has to be known without the images. */
  integers(k: number): readonly number[] {
    const operand = this.input(k);
    if (operand.kind === 'tensor')
      return this.refuse(`an input ${k + 1} that the model states`, 'one that it computes');
    return [...operand.data];
  }

  integer(name: string, byDefault: number): number {
    return Number(this.#attributes.get(name)?.i ?? byDefault);
  }

  float(name: string, byDefault: number): number {
    return this.#attributes.get(name)?.f ?? byDefault;
  }

  list(name: string): readonly number[] | undefined {
    return this.#attributes.get(name)?.ints.map(Number);
  }

  text(name: string): string | undefined {
    const bytes = this.#attributes.get(name)?.s;
    return bytes && new TextDecoder().decode(bytes);
  }

  attribute(name: string): AttributeProto | undefined {
    return this.#attributes.get(name);
  }

  /** What stands in an attribute in older models and in an input in newer ones. */
  listOrInput(name: string, k: number): readonly number[] | undefined {
    return this.list(name) ?? (this.has(k) ? this.integers(k) : undefined);
  }

  /** An axis counted from the end as one counted from the beginning. */
  axis(axis: number, { length }: { readonly length: number }): number {
    const positive = axis < 0 ? axis + length : axis;
    return positive >= 0 && positive < length ? positive : this.refuse(`an axis of ${length}`, String(axis));
  }

  /** Notes that an input, where it is a weight, can train. */
  trains(...inputs: readonly number[]): void {
    for (const k of inputs) {
      const operand = this.#inputs[k];
      if (operand?.kind === 'weight') this.target.parameters.add(operand.name);
    }
  }

  /** An operator of the table on operands: computed at once where all are known, else added to the graph. */
  apply<K extends OperatorName>(operator: K, operands: readonly Operand[], attributes?: AttributesOf<K>): Operand {
    const settings = attributes ?? {};
    if (operands.every((operand) => operand.kind === 'known')) {
      const rule = operatorOf(operator);
      rule.shape(
        operands.map(({ shape }) => shape),
        settings,
      );
      return known(
        rule.evaluate(operands, settings),
        operands.every(({ isInteger }) => isInteger),
      );
    }
    const tensors = operands.map((operand) => this.tensorOf(operand));
    return ofGraph(this.target.graph.apply(operator, tensors, settings as never));
  }

  /** A number as an operand. */
  number(value: number): Operand {
    return known({ shape: [], data: Float64Array.of(value) }, false);
  }

  /** An operand as a tensor of the graph. */
  tensorOf(operand: Operand): Tensor {
    if (operand.kind === 'tensor') return operand.tensor;
    if (operand.kind === 'weight') return this.target.weight(operand);
    return this.target.graph.constant('known', operand.shape, operand.data);
  }

  /** The same values in another shape; the first axis stays open where it can. */
  reshape(operand: Operand, shape: Shape): Operand {
    const isKept = operand.kind === 'tensor' && operand.shape.length > 0 && shape[0] === operand.shape[0];
    return this.apply('reshape', [operand], { shape: isKept ? [0, ...shape.slice(1)] : shape });
  }

  /** @throws UsageError saying what of this node cannot be trained through */
  refuse(expected: string, got: string): never {
    const { opType, name, output } = this.proto;
    throw new UsageError(
      `${this.target.path}: expected ${expected} for operator ${opType} (${name || output[0]}) to train the network, got ${got}; encoder.train: mask takes any model`,
    );
  }
}

/** Gives a node's first output, by operators of the table. */
export type Converter = (node: OnnxNode) => Operand;
