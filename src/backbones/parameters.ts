import { FormatError } from '../core/errors.ts';
import { seededRandom } from '../core/random.ts';
import { formatShape, sizeOf } from '../core/shape.ts';
import type { Entry, OpenedFile } from '../formats/array.ts';
import { Graph } from '../graph/graph.ts';
import type { Network, Parameter, ReadParameter } from './network.ts';
import { canonicalName } from './weight-names.ts';

const NAMES_SHOWN = 4;

/** The arrays a network has, in the order it asks for them. */
export function parametersOf(network: Network): readonly Parameter[] {
  const parameters: Parameter[] = [];
  const graph = new Graph();
  const pixels = graph.input('pixels', [1, 3, network.input.height, network.input.width]);
  network.build(graph, pixels, (parameter) => {
    parameters.push(parameter);
    return new Float32Array(sizeOf(parameter.shape));
  });
  return parameters;
}

/**
 * A network's weights out of a file, whichever collection named them.
 * @param path for messages
 * @param others networks whose weights the file may hold instead, which is then said
 * @throws FormatError where arrays are missing, there are others, a shape differs (both sides are printed), or values are no finite real numbers
 */
export async function loadParameters(
  network: Network,
  file: OpenedFile,
  path: string,
  others: readonly Network[] = [],
): Promise<ReadParameter> {
  const parameters = parametersOf(network);
  if (!fits(parameters, file)) {
    const owner = others.find((other) => other !== network && fits(parametersOf(other), file));
    if (owner !== undefined) {
      throw new FormatError(
        path,
        `expected weights of ${network.name}, got ${owner.name}'s; set architecture: ${owner.name}, or name another file`,
      );
    }
  }
  const entries = matchNames(network, parameters, file, path);
  const values = new Map<string, Float32Array | Float64Array>();
  for (const { name, shape } of parameters) {
    const entry = entries.get(name)!;
    if (formatShape(entry.shape) !== formatShape(shape)) {
      throw new FormatError(
        path,
        `expected ${formatShape(shape)} for ${network.name}, got ${formatShape(entry.shape)}; these are weights of another network`,
        entry.name,
      );
    }
    values.set(name, await readReal(file, entry, path));
  }
  return ({ name }) => values.get(name)!;
}

/** Whether a file holds exactly these arrays. */
function fits(parameters: readonly Parameter[], file: OpenedFile): boolean {
  const shapes = new Map(parameters.map(({ name, shape }) => [name, formatShape(shape)]));
  for (const { name, shape } of file.entries) {
    const canonical = canonicalName(name);
    if (canonical === undefined) continue;
    if (shapes.get(canonical) !== formatShape(shape)) return false;
    shapes.delete(canonical);
  }
  return shapes.size === 0;
}

/** For each of the network's names the file's entry. */
function matchNames(
  network: Network,
  parameters: readonly Parameter[],
  file: OpenedFile,
  path: string,
): ReadonlyMap<string, Entry> {
  const entries = new Map<string, Entry>();
  const unexpected: string[] = [];
  const expected = new Set(parameters.map(({ name }) => name));
  for (const entry of file.entries) {
    const name = canonicalName(entry.name);
    if (name === undefined) continue;
    const twin = entries.get(name);
    if (twin !== undefined)
      throw new FormatError(path, `holds ${twin.name} and ${entry.name}, which are the same array`);
    if (expected.has(name)) entries.set(name, entry);
    else unexpected.push(entry.name);
  }
  const missing = parameters.map(({ name }) => name).filter((name) => !entries.has(name));
  if (missing.length > 0 || unexpected.length > 0) {
    throw new FormatError(
      path,
      `expected the ${parameters.length} arrays of ${network.name}, got ${entries.size} of them; missing: ${listed(missing)}; unexpected: ${listed(unexpected)}`,
    );
  }
  return entries;
}

/** The first few names, and how many more there are. */
export function listed(names: readonly string[]): string {
  if (names.length === 0) return 'none';
  const more = names.length > NAMES_SHOWN ? ` and ${names.length - NAMES_SHOWN} more` : '';
  return names.slice(0, NAMES_SHOWN).join(', ') + more;
}

/**
 * An array of weights.
 * @throws FormatError where it holds no finite real floating-point numbers
 */
export async function readReal(file: OpenedFile, entry: Entry, path: string): Promise<Float32Array | Float64Array> {
  const value = await file.read(entry.name);
  const data = value.kind === 'numeric' ? value.data : undefined;
  if (!(data instanceof Float32Array || data instanceof Float64Array) || data.length !== sizeOf(entry.shape)) {
    throw new FormatError(path, `expected real floating-point numbers, got ${entry.dtype}`, entry.name);
  }
  let sum = 0; // infinite or not a number if any value is: float32's cannot overflow it, and weights in float64 are no larger
  for (let k = 0; k < data.length; k++) sum += data[k];
  const wrong = Number.isFinite(sum) ? -1 : data.findIndex((x) => !Number.isFinite(x));
  if (wrong >= 0) throw new FormatError(path, `expected finite numbers, got ${data[wrong]} at ${wrong}`, entry.name);
  return data;
}

/**
 * Seeded random weights: kernels uniform with He's variance, 2 / (inputs of a unit), batch normalisation that changes nothing, biases 0.
 * Each array has a stream of its own, so that its values depend on seed and name alone.
 * @source He et al. 2015, arXiv:1502.01852
 */
export function randomParameters(seed: number): ReadParameter {
  const random = seededRandom(seed);
  return ({ name, shape, kind }) => {
    const values = new Float32Array(sizeOf(shape));
    if (kind === 'kernel') {
      const stream = random.derive(name);
      const bound = Math.sqrt(6 / sizeOf(shape.slice(1)));
      for (let k = 0; k < values.length; k++) values[k] = bound * (2 * stream.uniform() - 1);
    } else if (kind === 'gain' || kind === 'variance') {
      values.fill(1);
    }
    return values;
  };
}
