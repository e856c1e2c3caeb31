import { UsageError } from '../core/errors.ts';
import { openFile } from '../formats/open.ts';
import { ARCHITECTURES, type NetworkName } from './architectures.ts';
import type { Backbone } from './backbone.ts';
import { gabor } from './gabor.ts';
import type { Network, ReadParameter } from './network.ts';
import { networkBackbone } from './network-backbone.ts';
import { openOnnxBackbone } from './onnx-backbone.ts';
import { loadParameters, randomParameters } from './parameters.ts';
import { resnet50 } from './resnet50.ts';
import { seResnext50 } from './se-resnext50.ts';
import { type BackboneContext, type BackboneSpec, normalisationOf } from './spec.ts';

const networks: Readonly<Record<NetworkName, Network>> = {
  se_resnext50_32x4d: seResnext50,
  resnet50,
  gabor,
};

/**
 * Networks declared here, by name. A new one is added to this table, in a file of its own, and by its name in `architectures.ts`; the tests
 * that walk the table then try it.
 */
export const NETWORKS: Readonly<Record<string, Network>> = networks;

const NETWORKS_WITH_WEIGHTS = Object.values(networks).filter(({ weights }) => weights === 'required');

/** What architectures that are files begin with. */
export const ONNX = 'onnx:';
const UNTRAINED = 'untrained';

/**
 * Refuses an architecture that is none.
 * @param choices what it may be, for the message, where that is more than a backbone
 * @throws UsageError listing them
 */
export function checkArchitecture(architecture: string, choices: readonly string[] = ARCHITECTURES): void {
  if (architecture.startsWith(ONNX) || Object.hasOwn(NETWORKS, architecture)) return;
  throw new UsageError(`backbone: expected ${choices.join(', ')}, got ${JSON.stringify(architecture)}`);
}

/**
 * A network with its weights, loaded into an engine.
 * @throws UsageError for an architecture, stage or setting that does not exist, FormatError where the weights or the model cannot be used
 */
export async function openBackbone(spec: BackboneSpec, context: BackboneContext): Promise<Backbone> {
  const { architecture } = spec;
  checkArchitecture(architecture);
  checkSize(spec);
  if (architecture.startsWith(ONNX)) return openOnnxBackbone(architecture.slice(ONNX.length), spec, context);
  const network = NETWORKS[architecture];
  const untrained = spec.weights === UNTRAINED;
  const read = await weightsOf(network, spec, context);
  const normalisation = normalisationOf(spec, network.input.normalisation);
  if (JSON.stringify(normalisation) !== JSON.stringify(network.input.normalisation)) {
    context.onNotice?.(
      `${network.name} was made for another input than ${describeInput(spec)}; keep it only where the weights were trained with it, else leave input out`,
    );
  }
  return networkBackbone(network, {
    engine: context.engine,
    read,
    name: untrained ? `${network.name} (untrained, seed ${spec.seed ?? 0})` : network.name,
    stages: spec.stages,
    normalisation,
    ...(spec.size !== undefined && { height: spec.size, width: spec.size }),
  });
}

/**
 * The weights that a spec names for a network.
 * @throws UsageError where they are missing or not meant, FormatError where the file does not have them
 */
export async function weightsOf(
  network: Network,
  spec: BackboneSpec,
  context: Pick<BackboneContext, 'openSource' | 'findWeights' | 'weightsBy' | 'onNotice'>,
): Promise<ReadParameter> {
  const { weights, seed = 0, input } = spec;
  if (network.weights === 'none') {
    if (weights !== undefined) throw new UsageError(`weights: ${network.name} has none, got ${weights}; leave it out`);
    if (input !== undefined) throw new UsageError(`input: ${network.name} has its own, got another; leave it out`);
    return ({ name }) => {
      throw new Error(`${network.name} asks for weights ${name}, but is declared to have none`);
    };
  }
  if (weights === UNTRAINED) return randomParameters(seed);
  const path = weights ?? (await context.findWeights?.(network.name));
  if (path === undefined) {
    const way = context.weightsBy === undefined ? '' : `; name one by ${context.weightsBy}`;
    throw new UsageError(`weights: ${network.name} needs a .safetensors or .pth file, or "untrained"; got none${way}`);
  }
  const source = await context.openSource(path);
  try {
    const file = await openFile(source);
    const read = await loadParameters(network, file, path, NETWORKS_WITH_WEIGHTS);
    const { caveat } = network;
    if (caveat !== undefined && file.entries.some(({ name }) => name === caveat.array)) {
      context.onNotice?.(`${path}: ${caveat.notice}`);
    }
    return read;
  } finally {
    await source.close?.();
  }
}

function describeInput({ input }: BackboneSpec): string {
  return typeof input === 'string' ? input : 'the one given';
}

/** @throws UsageError for a size that no input has */
export function checkSize({ size }: BackboneSpec): void {
  if (size !== undefined && !(Number.isInteger(size) && size >= 1 && size <= 4096)) {
    throw new UsageError(`size: expected a whole number of pixels from 1 to 4096, got ${size}`);
  }
}
