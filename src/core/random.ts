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

/** The largest seed, 2^32 - 1. */
export const LARGEST_SEED = 0xffffffff;

/**
 * The stream of a seed.
 * @param seed whole number from 0 to 2^32 - 1
 * @throws UsageError for any other seed
 */
export function seededRandom(seed: number): Random {
  if (!Number.isInteger(seed) || seed < 0 || seed > LARGEST_SEED) {
    throw new UsageError(`seed: expected a whole number from 0 to ${LARGEST_SEED}, got ${seed}`);
  }
  return start(seed);
}

/** The stream whose `state()` this was. */
export function restoreRandom(state: readonly number[]): Random {
  return wrap(state[0], xoroshiro128plusFromState(state.slice(1)));
}

/** The generator's first numbers are little more than its seed, so they are passed over. */
const WARM_UP = 32;

function start(seed: number): Random {
  const generator = xoroshiro128plus(scatter(seed));
  for (let k = 0; k < WARM_UP; k++) generator.next();
  return wrap(seed, generator);
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
      return start(hash(`${seed}/${purpose}`));
    },
    state: () => [seed, ...generator.getState()],
  };
}

/**
 * Sends neighbouring seeds far apart: the generator is linear, so its streams for alike seeds stay alike.
 * @source MurmurHash3's 32-bit finaliser, after adding the golden ratio's fraction so that 0 moves too
 */
function scatter(seed: number): number {
  let value = (seed + 0x9e3779b9) | 0;
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35);
  return (value ^ (value >>> 16)) >>> 0;
}

/** FNV-1a over UTF-16 code units, 32 bits. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let k = 0; k < text.length; k++) value = Math.imul(value ^ text.charCodeAt(k), 0x01000193);
  return value >>> 0;
}
