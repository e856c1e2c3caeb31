/** A straight line from numbers to pixels, with round numbers to mark on it. */
export interface Scale {
  (value: number): number;
  readonly domain: readonly [low: number, high: number];
  readonly ticks: readonly number[];
  /** A tick with as many decimals as tell it from the next. */
  readonly format: (tick: number) => string;
}

/**
 * A scale over all values, with a little room at its ends but at 0, and round numbers on it.
 * @param values others than finite ones are passed over; without any the scale is from 0 to 1
 * @param range pixels of the lowest and the highest
 * @param about how many ticks there should be
 */
export function scaleOver(values: Iterable<number>, range: readonly [from: number, to: number], about = 5): Scale {
  const domain = domainOf(values);
  const step = roundStep((domain[1] - domain[0]) / about);
  const first = Math.ceil(domain[0] / step - SLACK);
  const last = Math.floor(domain[1] / step + SLACK);
  const decimals = Math.min(MOST_DECIMALS, Math.max(0, -Math.floor(Math.log10(step) + SLACK)));
  const slope = (range[1] - range[0]) / (domain[1] - domain[0]);
  return Object.assign((value: number) => range[0] + (value - domain[0]) * slope, {
    domain,
    ticks: Array.from({ length: last - first + 1 }, (_, k) => (first + k) * step),
    format: (tick: number) => signed(tick.toFixed(decimals)),
  });
}

function domainOf(values: Iterable<number>): readonly [low: number, high: number] {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  if (low > high) return [0, 1];
  const size = Math.max(Math.abs(low), Math.abs(high));
  const isOne = high - low <= Math.max(SLACK * size, NOTHING);
  const room = isOne ? (size > NOTHING ? size / 2 : 0.5) : ROOM * (high - low);
  return [low === 0 ? 0 : low - room, high === 0 && low !== 0 ? 0 : high + room];
}

const ROOM = 0.04;
const SLACK = 1e-9;
const NOTHING = 1e-30;
const MOST_DECIMALS = 12;

/** Of 1, 2, 5 times a power of ten the one whose ratio to the wanted step is nearest to 1. */
function roundStep(wanted: number): number {
  const power = 10 ** Math.floor(Math.log10(wanted));
  const ratio = wanted / power;
  return power * (ratio < Math.sqrt(2) ? 1 : ratio < Math.sqrt(10) ? 2 : ratio < Math.sqrt(50) ? 5 : 10);
}

/** A number as text with a true minus sign, and without one before zero. */
export function signed(text: string): string {
  return /^-[0.]*$/.test(text) ? text.slice(1) : text.replace('-', '\u2212');
}
