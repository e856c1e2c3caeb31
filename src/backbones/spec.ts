import type { OnNotice } from '../core/progress.ts';
import type { Engine } from '../engine/session.ts';
import type { Source } from '../formats/source.ts';
import { INPUT_NORMALISATIONS, type InputNormalisation } from '../images/normalisation.ts';

/** Which network, with which weights, seen how. */
export interface BackboneSpec {
  /** `se_resnext50_32x4d`, `resnet50`, `gabor`, or `onnx:` and the path of a model. */
  readonly architecture: string;
  /** Path of a file of weights, or `untrained` for seeded random ones; of an ONNX model a file of arrays that were trained further. */
  readonly weights?: string | undefined;
  /** Seed of untrained weights. */
  readonly seed?: number | undefined;
  /** 5, 17 (residual networks), or names of stages; for ONNX models names of outputs or inner tensors. */
  readonly stages?: number | readonly string[] | undefined;
  /** How pixels become the network's input, where not as the network was made for. */
  readonly input?: keyof typeof INPUT_NORMALISATIONS | InputNormalisation | undefined;
  /** Height and width of the network's input, where another than its own is wanted. */
  readonly size?: number | undefined;
}

/** What opening a backbone needs of the platform. */
export interface BackboneContext {
  readonly engine: Engine;
  /** Opens a file of weights or a model. */
  readonly openSource: (path: string) => Promise<Source & { close?(): Promise<void> }>;
  /** Path of weights that were downloaded before, for a network whose `weights` the spec leaves out. */
  readonly findWeights?: (name: string) => Promise<string | undefined>;
  /** How the user names a file of weights here, for messages. */
  readonly weightsBy?: string | undefined;
  readonly onNotice?: OnNotice | undefined;
}

/** The normalisation a spec asks for, or else the network's own. */
export function normalisationOf({ input }: BackboneSpec, own: InputNormalisation): InputNormalisation {
  if (input === undefined) return own;
  return typeof input === 'string' ? INPUT_NORMALISATIONS[input] : input;
}
