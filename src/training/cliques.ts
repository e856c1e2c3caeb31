import { UsageError } from '../core/errors.ts';
import type { Random } from '../core/random.ts';
import type { Sampler, SamplerSettings } from './sampler.ts';

/** What a data set deals cliques from. */
interface Deck {
  /** Images that are trained on. */
  readonly images: readonly number[];
  /** Pair number plus 1 at the places of two images among them, 0 where the pair is not trained on; symmetric. */
  readonly numbers: Uint32Array;
  readonly nCliques: number;
}

/**
 * Minibatches of `cliqueSize` images m of one data set and all their training pairs.
 *
 * A data set of p training pairs gives p / (m (m - 1) / 2) cliques an epoch, rounded, at least one; those of all sets come in random order.
 * Images are dealt from a shuffled deck of the set's training images, and from another one when it is through, none twice to a clique:
 * over an epoch no image of a set is met more than once more often than another.
 * @throws UsageError where a data set has fewer training images than a clique
 */
export function cliqueSampler({ nPairs, pairs, names, cliqueSize, random }: SamplerSettings): Sampler {
  const decks = names.map((name, set) => deckOf(set, name, { nPairs, pairs, cliqueSize }));
  const owners = decks.flatMap(({ nCliques }, set) => new Array<number>(nCliques).fill(set));
  return {
    batchesPerEpoch: owners.length,
    epoch() {
      const dealt = decks.map((deck) => dealCliques(deck, cliqueSize, random));
      const batches = owners.map((set) => pairsAmong(dealt[set].pop()!, decks[set]));
      return Array.from(random.permutation(owners.length), (k) => batches[k]);
    },
    state: () => random.state(),
  };
}

function deckOf(
  set: number,
  name: string,
  { nPairs, pairs, cliqueSize }: Pick<SamplerSettings, 'nPairs' | 'pairs' | 'cliqueSize'>,
): Deck {
  const places = new Map<number, number>();
  const own: number[] = [];
  for (let number = 0; number < nPairs; number++) {
    if (pairs.set[number] !== set) continue;
    own.push(number);
    for (const image of [pairs.i[number], pairs.j[number]]) if (!places.has(image)) places.set(image, places.size);
  }
  const n = places.size;
  if (n < cliqueSize) {
    throw new UsageError(
      `training.cliqueSize: expected at most the ${n} images that data set ${name} trains on, got ${cliqueSize}; lower it, or name sampler: pairs`,
    );
  }
  const numbers = new Uint32Array(n * n);
  for (const number of own) {
    const [a, b] = [places.get(pairs.i[number])!, places.get(pairs.j[number])!];
    numbers[a * n + b] = number + 1;
    numbers[b * n + a] = number + 1;
  }
  const perClique = (cliqueSize * (cliqueSize - 1)) / 2;
  return { images: [...places.keys()], numbers, nCliques: Math.max(1, Math.round(own.length / perClique)) };
}

/** Places among the deck's images, clique by clique. */
function dealCliques({ images, nCliques }: Deck, cliqueSize: number, random: Random): number[][] {
  let cards: number[] = [];
  return Array.from({ length: nCliques }, () => {
    const clique: number[] = [];
    while (clique.length < cliqueSize) {
      if (cards.length === 0) cards = Array.from(random.permutation(images.length));
      const fresh = cards.findIndex((card) => !clique.includes(card)); // a new deck may lead with what the old one ended on
      clique.push(...cards.splice(fresh, 1));
    }
    return clique;
  });
}

function pairsAmong(clique: readonly number[], { images, numbers }: Deck): Uint32Array {
  const found: number[] = [];
  for (const [k, a] of clique.entries()) {
    for (const b of clique.slice(k + 1)) {
      const number = numbers[a * images.length + b];
      if (number > 0) found.push(number - 1);
    }
  }
  return Uint32Array.from(found);
}
