import type { TrainableNetwork } from '../../backbones/trainable.ts';
import { ShapeError } from '../../core/errors.ts';
import type { Gram } from '../../core/gram.ts';
import type { OnProgress } from '../../core/progress.ts';
import { countMaskValues } from '../../encoder/channel-weights.ts';
import type { Readout } from '../../encoder/encoder.ts';
import type { Engine } from '../../engine/session.ts';
import type { CropSource } from '../../features/crops.ts';
import { checkSameStages } from '../../features/scale.ts';
import type { OpenScratch } from '../../formats/source.ts';
import { assertSameConditions } from '../../rdm/alignment.ts';
import type { FitProblem } from '../problem.ts';
import type { TrainingSettings } from '../settings.ts';

/** What a network learner works with. */
export interface NetworkLearnerOptions {
  readonly network: TrainableNetwork;
  readonly engine: Engine;
  /** One a data set; the same one where sets show the same images. */
  readonly crops: readonly CropSource[];
  /** What mask and readouts start at; ones, and a = 1 and b = 0 of the sets' units, by default. */
  readonly start?: { readonly mask: Float64Array; readonly readouts: readonly Readout[] };
  /** Room for the activations of frozen stages and for validation; in memory by default. */
  readonly openScratch?: OpenScratch;
  /** The product of rows that validation takes; plain loops by default. */
  readonly gram?: Gram;
  /** Told of frozen stages that are computed. */
  readonly onProgress?: OnProgress | undefined;
  /** Stops that. */
  readonly signal?: AbortSignal | undefined;
}

/** @throws ShapeError where network, crops or start are not those of the problem's sets and features */
export function checkNetworkOptions(
  { sets, stages }: Pick<FitProblem, 'sets' | 'stages'>,
  { mask }: Pick<TrainingSettings, 'mask'>,
  { network, crops, start }: Pick<NetworkLearnerOptions, 'network' | 'crops' | 'start'>,
): void {
  checkSameStages(network, { stages });
  checkCount('crops', 'one a data set', crops, sets.length);
  for (const [s, { name, conditions }] of sets.entries()) {
    const images = { what: `the images of ${name}`, nConditions: conditions.length, conditions };
    const shown = crops[s].conditions;
    assertSameConditions(images, { what: 'its crops', nConditions: shown.length, conditions: shown });
  }
  if (start === undefined) return;
  checkCount('start.mask', `a mask of resolution ${mask}`, start.mask, countMaskValues(stages, mask));
  checkCount('start.readouts', 'one a data set', start.readouts, sets.length);
}

function checkCount(name: string, meaning: string, { length }: { readonly length: number }, expected: number): void {
  if (length === expected) return;
  throw new ShapeError(`network learner, ${name}: expected ${expected} (${meaning}), got ${length}`);
}
