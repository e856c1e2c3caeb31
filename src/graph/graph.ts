import { ShapeError } from '../core/errors.ts';
import { formatShape, sizeOf } from '../core/shape.ts';
import type { Operator, Shape, Tensor } from './operator.ts';
import { type AttributesOf, OPERATORS, type OperatorName } from './operators/index.ts';

export type { Tensor } from './operator.ts';

/** An operator applied to tensors of the graph. */
export interface GraphNode {
  readonly operator: OperatorName;
  readonly inputs: readonly Tensor[];
  readonly attributes: object;
  readonly output: Tensor;
}

/** A tensor whose values are part of the graph. */
export interface Constant {
  readonly tensor: Tensor;
  readonly data: Float32Array | Float64Array;
}

/** The settings may be left out where none is required. */
type AttributesArgument<K extends OperatorName> =
  object extends AttributesOf<K> ? [attributes?: AttributesOf<K>] : [attributes: AttributesOf<K>];

/**
 * A computation as data: inputs, constants, operators in an order they can run in, and named outputs. Shapes are known as soon as a node is
 * added; the first axis of an input may have another length when the graph runs, as long as no `reshape` or `slice` spells it out.
 */
export class Graph {
  readonly inputs: Tensor[] = [];
  readonly constants: Constant[] = [];
  readonly nodes: GraphNode[] = [];
  readonly outputs = new Map<string, Tensor>();
  readonly #own = new Set<Tensor>();

  /** Declares what is fed under this name when the graph runs. */
  input(name: string, shape: Shape): Tensor {
    const tensor = this.#tensor(name, shape);
    this.inputs.push(tensor);
    return tensor;
  }

  /**
   * @param data row-major, not copied
   * @throws ShapeError where there are not as many values as the shape says
   */
  constant(name: string, shape: Shape, data: Float32Array | Float64Array): Tensor {
    if (data.length !== sizeOf(shape)) {
      throw new ShapeError(`constant ${name}: expected ${formatShape(shape)}, got ${data.length} values`);
    }
    const tensor = this.#tensor(name, shape);
    this.constants.push({ tensor, data });
    return tensor;
  }

  /**
   * Adds an operator.
   * @throws ShapeError where the inputs do not fit it
   */
  apply<K extends OperatorName>(
    operator: K,
    inputs: readonly Tensor[],
    ...[attributes]: AttributesArgument<K>
  ): Tensor {
    for (const input of inputs) {
      if (!this.#own.has(input)) throw new ShapeError(`${operator}: its input ${input.name} is of another graph`);
    }
    const settings = attributes ?? {};
    const shape = operatorOf(operator).shape(
      inputs.map((input) => input.shape),
      settings,
    );
    const output = this.#tensor(`${operator}${this.nodes.length}`, shape);
    this.nodes.push({ operator, inputs, attributes: settings, output });
    return output;
  }

  /** Makes a tensor a result of the graph, under a name. */
  output(name: string, tensor: Tensor): void {
    if (!this.#own.has(tensor)) throw new ShapeError(`output ${name}: the tensor is of another graph`);
    this.outputs.set(name, tensor);
  }

  #tensor(name: string, shape: Shape): Tensor {
    const tensor = { name, shape };
    this.#own.add(tensor);
    return tensor;
  }
}

/** The operator of a node, whose settings are of its own type by construction. */
export function operatorOf(name: OperatorName): Operator<object> {
  return OPERATORS[name] as Operator<object>;
}
