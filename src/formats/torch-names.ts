import { FormatError } from '../core/errors.ts';
import { PickleDict, PickleTuple, type PickleValue } from './pickle-values.ts';
import { TorchTensor } from './torch-pickle.ts';

export interface NamedTensors {
  readonly tensors: ReadonlyMap<string, TorchTensor>;
  /** Numbers and strings that stand beside the tensors, such as `epoch`. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** Where training scripts put the state_dict of a checkpoint; the names inside it are the network's own. */
const WRAPPERS = ['state_dict', 'model_state_dict', 'model_state', 'model', 'net', 'network', 'weights'];

const MAX_DEPTH = 32;
const MAX_VALUES = 1_000_000;
const MAX_METADATA = 1000;
const MAX_LENGTH = 1000;

/**
 * The tensors of what was saved, in order: dicts and lists nested in each other give names joined by dots, and the dict of a checkpoint
 * that holds the network (`state_dict`, `model`, ...) gives its names unchanged. A tensor that was saved alone is called `tensor`.
 * @throws FormatError where there is no tensor, or nesting is deeper or wider than a file of tensors has
 */
export function nameTensors(path: string, root: PickleValue): NamedTensors {
  const tensors = new Map<string, TorchTensor>();
  const metadata: Record<string, string> = {};
  let nValues = 0;
  let nMetadata = 0;

  const walk = (value: PickleValue, name: string, depth: number): void => {
    // Keys that name nothing count as well: one dict may stand in many places.
    nValues += 1 + (value instanceof PickleDict ? value.keys.length : 0);
    if (depth > MAX_DEPTH || nValues > MAX_VALUES || name.length > MAX_LENGTH) {
      throw new FormatError(
        path,
        'dicts nested too deeply or in a circle, or names too long; save a plain state_dict',
        name.slice(0, 120),
      );
    }
    if (value instanceof TorchTensor) {
      const whole = name === '' ? 'tensor' : name;
      if (tensors.has(whole)) throw new FormatError(path, 'two tensors have this name', whole);
      tensors.set(whole, value);
    } else if (isLeaf(value)) {
      if (name !== '' && nMetadata++ < MAX_METADATA) metadata[name] = String(value).slice(0, MAX_LENGTH);
    } else {
      for (const [key, child] of childrenOf(value)) walk(child, name === '' ? key : `${name}.${key}`, depth + 1);
    }
  };

  const wrapper = wrapperOf(root);
  for (const [key, child] of wrapper === undefined ? [] : childrenOf(root)) {
    walk(child, key === wrapper ? '' : key, 1);
  }
  if (wrapper === undefined) walk(root, '', 0);
  if (tensors.size === 0)
    throw new FormatError(path, 'holds no tensor; save a state_dict: torch.save(model.state_dict(), file)');
  return { tensors, metadata };
}

function wrapperOf(root: PickleValue): string | undefined {
  if (!(root instanceof PickleDict) || root.values.some((value) => value instanceof TorchTensor)) return undefined;
  const children = new Map(childrenOf(root));
  return WRAPPERS.find((name) => {
    const child = children.get(name);
    return (
      child instanceof PickleDict &&
      child.values.some((value) => value instanceof TorchTensor || value instanceof PickleDict)
    );
  });
}

function isLeaf(value: PickleValue): value is string | number | bigint | boolean {
  return ['string', 'number', 'bigint', 'boolean'].includes(typeof value);
}

function childrenOf(value: PickleValue): readonly (readonly [string, PickleValue])[] {
  if (value instanceof PickleDict) {
    // A key that was set twice keeps its first place and its last value, as in Python.
    const children = new Map<string, PickleValue>();
    value.keys.forEach((key, k) => {
      if (isLeaf(key)) children.set(String(key), value.values[k]);
    });
    return [...children];
  }
  const items = value instanceof PickleTuple ? value.items : Array.isArray(value) ? value : [];
  return items.map((item, k) => [String(k), item] as const);
}
