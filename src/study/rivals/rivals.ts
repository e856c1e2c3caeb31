import { condensedSubset } from '../../core/condensed.ts';
import { HypercolumnError } from '../../core/errors.ts';
import type { Environment } from '../environment.ts';
import { categoryRival, gaborRival, pixelRival, untrainedRival } from './image-rivals.ts';
import { nnlsRival, ridgeRival } from './learnt-rivals.ts';
import { type StageRdms, stageRdms, stageRival, unweightedRival } from './network-rivals.ts';
import { RIVAL_NAMES, type Rival, type RivalKind, type RivalName } from './rival.ts';
import type { MadeRival, RivalInput, RivalTest } from './rival-input.ts';

/** Rivals, and those that there are none of. */
export interface Rivals {
  readonly rivals: readonly Rival[];
  readonly leftOut: readonly LeftOutRival[];
}

/** A rival that could not be made. */
export interface LeftOutRival {
  readonly name: string;
  /** One sentence. */
  readonly why: string;
  /** Which of the tests it is left out of; null for all of them. */
  readonly test: number | null;
}

/** A rival that is to be made. */
interface Entrant {
  readonly name: string;
  readonly kind: RivalKind;
  readonly make: () => Promise<MadeRival>;
}

/** Everything that makes rivals; a new one joins here. */
const ENTRANTS: Readonly<
  Record<RivalName, (input: RivalInput, environment: Environment, rdms: StageRdms) => readonly Entrant[]>
> = {
  pixels: (input, environment) => [{ name: 'pixels', kind: 'image', make: () => pixelRival(input, environment) }],
  gabor: (input, environment) => [{ name: 'gabor', kind: 'image', make: () => gaborRival(input, environment) }],
  category: (input) =>
    // Without categories there is no such rival to leave out, unless it was asked for.
    input.which === 'all' && input.tests.every(({ labels }) => labels === null)
      ? []
      : [{ name: 'category', kind: 'image', make: () => categoryRival(input) }],
  stages: (input, _, rdms) =>
    input.tests[0].statistics.stages.map(({ name }, stage) => ({
      ...{ name: `${name} alone`, kind: 'stage' },
      make: () => stageRival(input, stage, rdms),
    })),
  unweighted: (input) => [{ name: 'unweighted', kind: 'network', make: () => unweightedRival(input) }],
  untrained: (input, environment) => [
    { name: 'untrained', kind: 'network', make: () => untrainedRival(input, environment) },
  ],
  nnls: (input, _, rdms) => [{ name: 'nnls', kind: 'learnt', make: () => nnlsRival(input, rdms) }],
  ridge: (input, environment) => [{ name: 'ridge', kind: 'learnt', make: () => ridgeRival(input, environment) }],
};

/**
 * Models that a fit is held beside: of the images alone, of the network without learning, and learnt from the same images and RDMs by
 * the field's other methods. All rest on the network before anything was learnt.
 *
 * One that cannot be made, or does not vary over the pairs that are scored, is left out with a sentence, which `onNotice` is told too.
 * @param input what is learnt from, and the images to predict
 * @param environment the platform it runs on
 * @returns in the order of `RIVAL_NAMES`, whatever the order asked for
 */
export async function rivalsOf(input: RivalInput, environment: Environment): Promise<Rivals> {
  if (input.tests.length === 0) return { rivals: [], leftOut: [] };
  const { which } = input;
  const rdms = stageRdms();
  const entrants = RIVAL_NAMES.filter((name) => which === 'all' || which.includes(name)).flatMap((name) =>
    ENTRANTS[name](input, environment, rdms),
  );
  const rivals: Rival[] = [];
  const leftOut: LeftOutRival[] = [];
  for (const { name, kind, make } of entrants) {
    const { about, predicted } = await madeOrWhyNot(make, input.tests);
    const whys = predicted.map((values) => ('why' in values ? values.why : null));
    const isSame = whys.every((why) => why === whys[0]);
    for (const [k, why] of (isSame ? whys.slice(0, 1) : whys).entries()) {
      if (why === null) continue;
      environment.onNotice(`rival ${name} is left out: ${why}`);
      leftOut.push({ name, why, test: isSame ? null : k });
    }
    if (whys.every((why) => why !== null)) continue;
    rivals.push({ name, kind, about, predicted: predicted.map((values) => ('why' in values ? null : values)) });
  }
  return { rivals, leftOut };
}

/** A rival's predictions, or why there are none or they say nothing of a test. */
async function madeOrWhyNot(make: Entrant['make'], tests: readonly RivalTest[]): Promise<MadeRival> {
  try {
    const { about, predicted } = await make();
    return { about, predicted: predicted.map((values, k) => ('why' in values ? values : varying(values, tests[k]))) };
  } catch (error) {
    if (!(error instanceof HypercolumnError)) throw error;
    return { about: '', predicted: tests.map(() => ({ why: error.message })) };
  }
}

/** Dissimilarities that vary over the pairs that are scored, or why not. */
function varying(values: Float64Array, { images, statistics }: RivalTest): Float64Array | { readonly why: string } {
  const scored = condensedSubset(values, statistics.conditions.length, images);
  if (scored.some((value) => value !== scored[0])) return values;
  if (scored.length < 2) return { why: `expected at least 3 images to compare RDMs of, got ${images.length}` };
  const value = Number(scored[0].toPrecision(3));
  return {
    why: `all dissimilarities that are scored are ${value}, and an RDM that does not vary correlates with nothing`,
  };
}
