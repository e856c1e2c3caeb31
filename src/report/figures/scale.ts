/** A straight line from numbers to pixels, with round numbers to mark on it. */
export interface Scale {
  (value: number): number;
  readonly domain: readonly [low: number, high: number];
  readonly ticks: readonly number[];
  /** A tick with as many decimals as tell it from the next. */
  readonly format: (tick: number) => string;
}

/**
 * A scale over all values and what must be on it, widened to whole ticks.
 * @param values at least one finite; others are passed over
 * @param range pixels of the lowest and the highest
 * @param about how many ticks there should be
 */
export function scaleOver(values: Iterable<number>, range: readonly [from: number, to: number], about = 5): Scale {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  if (low > high) [low, high] = [0, 1];
  if (low === high) {
    const half = Math.abs(low) / 2 || 0.5;
    [low, high] = [low - half, high + half];
  }
  const step = roundStep((high - low) / about);
  const first = Math.floor(low / step + SLACK);
  const last = Math.ceil(high / step - SLACK);
  const ticks = Array.from({ length: last - first + 1 }, (_, k) => (first + k) * step);
  const decimals = Math.max(0, -Math.floor(Math.log10(step) + SLACK));
  const domain = [first * step, last * step] as const;
  const slope = (range[1] - range[0]) / (domain[1] - domain[0]);
  return Object.assign((value: number) => range[0] + (value - domain[0]) * slope, {
    domain,
    ticks,
    format: (tick: number) => signed(tick.toFixed(Math.min(decimals, MOST_DECIMALS))),
  });
}

const SLACK = 1e-9;
const MOST_DECIMALS = 12;

/** The smallest of 1, 2, 5 times a power of ten that is no smaller. */
function roundStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least));
  return power * ([1, 2, 5].find((step) => step * power >= least * (1 - SLACK)) ?? 10);
}

/** A number as text with a true minus sign, and without one before zero. */
export function signed(text: string): string {
  return /^-[0.]*$/.test(text) ? text.slice(1) : text.replace('-', '\u2212');
}
