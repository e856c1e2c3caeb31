import { UsageError } from '../../core/errors.ts';
import { sizeOf } from '../../core/shape.ts';
import type { AttributeProto, NodeProto } from '../../formats/onnx_pb.ts';
import { type Graph, operatorOf, type Tensor } from '../graph.ts';
import type { Shape } from '../operator.ts';
import type { AttributesOf, OperatorName } from '../operators/index.ts';
import { type Known, known, type Operand, ofGraph, originOf, weightsIn } from './operand.ts';

const KERNELS: ReadonlySet<OperatorName> = new Set(['conv', 'matMul']);
const MOVES: ReadonlySet<OperatorName> = new Set(['concat', 'reshape', 'slice', 'transpose']);

/** Names of the weights whose values the result holds, elsewhere or times a number. */
function weightsKept(operator: OperatorName, operands: readonly Operand[]): readonly string[] {
  if (originOf(operands) !== 'weights') return [];
  if (MOVES.has(operator)) return operands.flatMap(weightsIn);
  const factors = operator === 'multiply' ? operands : operator === 'divide' ? operands.slice(1) : [];
  const numbers = factors.filter(({ shape }) => sizeOf(shape) === 1);
  const factor = numbers.find(({ kind }) => kind === 'known') ?? numbers[0];
  return factor === undefined ? [] : operands.filter((operand) => operand !== factor).flatMap(weightsIn);
}

/** Where converted nodes go. */
export interface Target {
  /** Of the model, for messages. */
  readonly path: string;
  readonly graph: Graph;
  /** The constant of a weight; each is added once, under its own name. */
  weight(operand: Extract<Operand, { kind: 'weight' }>): Tensor;
  /** Names of weights that the outputs depend on. */
  readonly used: Set<string>;
  /** Names of those that can train. */
  readonly parameters: Set<string>;
  /** Names of those that are statistics of the images a model was trained on. */
  readonly statistics: Set<string>;
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
  numbers(k: number): readonly number[] {
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
    return this.list(name) ?? (this.has(k) ? this.numbers(k) : undefined);
  }

  /** An axis counted from the end as one counted from the beginning. */
  axis(axis: number, { length }: { readonly length: number }): number {
    const positive = axis < 0 ? axis + length : axis;
    return positive >= 0 && positive < length ? positive : this.refuse(`an axis of ${length}`, String(axis));
  }

  /** Notes that inputs, where they are weights, are kernels, or biases beside them: they train. */
  hasKernels(...inputs: readonly number[]): void {
    if (originOf(this.#given) !== 'weights') this.#note(this.target.parameters, inputs);
  }

  /** Notes that inputs, where they are weights, are gains or biases: they train behind the first kernels. */
  hasGains(...inputs: readonly number[]): void {
    if (originOf(this.#given) === 'kernels') this.#note(this.target.parameters, inputs);
  }

  /** Notes that inputs are statistics, which do not train. */
  hasStatistics(...inputs: readonly number[]): void {
    this.#note(this.target.statistics, inputs);
  }

  get #given(): Operand[] {
    return this.#inputs.filter((operand) => operand !== undefined);
  }

  #note(names: Set<string>, inputs: readonly number[]): void {
    for (const k of inputs) {
      if (this.has(k)) for (const name of weightsIn(this.input(k))) names.add(name);
    }
  }

  /** An operand as numbers that stay what they are; undefined where the model computes it. */
  stated(operand: Operand): Known | undefined {
    if (operand.kind === 'tensor') return undefined;
    if (operand.kind === 'known') return operand;
    this.target.used.add(operand.name);
    return known({ shape: operand.shape, data: Float64Array.from(operand.data) }, false);
  }

  /** An operator of the table on operands: computed at once where all are stated, unless a weight stays one in it; else added to the graph. */
  apply<K extends OperatorName>(operator: K, operands: readonly Operand[], attributes?: AttributesOf<K>): Operand {
    const settings = attributes ?? {};
    const weights = weightsKept(operator, operands);
    if (weights.length === 0 && operands.every(({ kind }) => kind !== 'tensor')) {
      return this.#compute(operator, operands, settings);
    }
    const tensors = operands.map((operand) => this.tensorOf(operand));
    const origin = originOf(operands);
    const areKernels = KERNELS.has(operator) && operands.some((operand) => weightsIn(operand).length > 0);
    return ofGraph(
      this.target.graph.apply(operator, tensors, settings as never),
      origin === 'images' && areKernels ? 'kernels' : origin,
      weights,
    );
  }

  #compute(operator: OperatorName, operands: readonly Operand[], settings: object): Known {
    const rule = operatorOf(operator);
    const numbers = operands.flatMap((operand) => this.stated(operand) ?? []);
    rule.shape(
      numbers.map(({ shape }) => shape),
      settings,
    );
    return known(
      rule.evaluate(numbers, settings),
      numbers.every(({ isInteger }) => isInteger),
    );
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
