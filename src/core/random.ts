import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus, xoroshiro128plusFromState } from 'pure-rand/generator/xoroshiro128plus';
import { UsageError } from './errors.ts';

/** A stream of seeded random numbers: the same seed gives the same numbers on every machine. */
export interface Random {
  /** Uniform in [0, 1). */
  uniform(): number;
  /** Uniform whole number in [from, to], both included. */
  integer(from: number, to: number): number;
  /** Standard normal. */
  normal(): number;
  /** A random order of 0 ... n - 1. */
  permutation(n: number): Uint32Array;
  /** An independent stream for a named purpose; drawing from it leaves this one where it is. */
  derive(purpose: string): Random;
  /** What `restoreRandom` needs to go on from here. */
  state(): readonly number[];
}

/**
 * @param seed whole number from 0 to 2^32 - 1
 * @throws UsageError for any other seed
 */
export function seededRandom(seed: number): Random {
  if (!Number.isInteger(seed) || seed < 0 || seed > 0xffffffff) {
    throw new UsageError(`seed: expected a whole number from 0 to 4294967295, got ${seed}`);
  }
  return wrap(seed, xoroshiro128plus(seed));
}

/** The stream whose `state()` this was. */
export function restoreRandom(state: readonly number[]): Random {
  return wrap(state[0], xoroshiro128plusFromState(state.slice(1)));
}

function wrap(seed: number, generator: ReturnType<typeof xoroshiro128plus>): Random {
  const uniform = () => uniformFloat64(generator);
  const integer = (from: number, to: number) => uniformInt(generator, from, to);
  return {
    uniform,
    integer,
    // Box and Muller's cosine branch alone, so that no second value waits outside the state.
    normal: () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform()),
    permutation(n) {
      const order = Uint32Array.from({ length: n }, (_, k) => k);
      for (let k = n - 1; k > 0; k--) {
        const other = integer(0, k);
        [order[k], order[other]] = [order[other], order[k]];
      }
      return order;
    },
    derive(purpose) {
      const derived = hash(`${seed}/${purpose}`);
      return wrap(derived, xoroshiro128plus(derived));
    },
    state: () => [seed, ...generator.getState()],
  };
}

/** FNV-1a over UTF-16 code units, 32 bits. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let k = 0; k < text.length; k++) value = Math.imul(value ^ text.charCodeAt(k), 0x01000193);
  return value >>> 0;
}
