import type { PairList } from '../pair-list.ts';

/** Images of one data set that go through the network together, and the pairs of them that are learnt from. */
export interface Pass {
  readonly set: number;
  /** The image in each slot. */
  readonly images: readonly number[];
  /** What each slot's crop is drawn by: it names the place of the first pair in the step that shows it, so that it does not rest on the passes' size. */
  readonly draws: readonly string[];
  /** Places of the pairs in the step. */
  readonly places: readonly number[];
  /** For each pair the slots of its images. */
  readonly slots: readonly (readonly [i: number, j: number])[];
}

/** How a batch's images meet the network. */
export interface PassSettings {
  /** As the sampler's: with `pair` each pair's two images take slots of their own, with `image` each image takes one. */
  readonly each: 'pair' | 'image';
  /** Slots of a pass, at least 2. */
  readonly nSlots: number;
  /** Place of the batch's first pair in the step; 0 by default. */
  readonly first?: number;
}

/** A batch of pairs as passes of bounded size, set after set; every pair is in one of them. */
export function passesOf(batch: Uint32Array, pairs: PairList, { each, nSlots, first = 0 }: PassSettings): Pass[] {
  const open = new Map<number, OpenPass>();
  const passes: OpenPass[] = [];
  for (const [place, pair] of batch.entries()) {
    const set = pairs.set[pair];
    const ends = [pairs.i[pair], pairs.j[pair]];
    let pass = open.get(set);
    const fresh = each === 'pair' ? 2 : ends.filter((image) => !pass?.slotOf.has(image)).length;
    if (pass === undefined || pass.images.length + fresh > nSlots) {
      pass = { set, images: [], draws: [], places: [], slots: [], slotOf: new Map() };
      open.set(set, pass);
      passes.push(pass);
    }
    const [i, j] = ends.map((image, end) => slotFor(pass, image, `${first + place}/${end}`, each));
    pass.places.push(first + place);
    pass.slots.push([i, j]);
  }
  return passes;
}

interface OpenPass {
  readonly set: number;
  readonly images: number[];
  readonly draws: string[];
  readonly places: number[];
  readonly slots: (readonly [number, number])[];
  readonly slotOf: Map<number, number>;
}

function slotFor({ images, draws, slotOf }: OpenPass, image: number, draw: string, each: PassSettings['each']): number {
  const known = each === 'image' ? slotOf.get(image) : undefined;
  if (known !== undefined) return known;
  slotOf.set(image, images.length);
  draws.push(draw);
  return images.push(image) - 1;
}

/** What a number of slots hold: those left over repeat the first, and nothing is learnt from them. */
export function filledUp<T>(slots: readonly T[], nSlots: number): readonly T[] {
  return Array.from({ length: nSlots }, (_, slot) => slots[slot] ?? slots[0]);
}
