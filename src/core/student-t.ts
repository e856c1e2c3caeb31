/**
 * P(T > t) of Student's distribution.
 * @param degrees degrees of freedom, above 0, not necessarily whole
 * @source half the regularised incomplete beta function at degrees / (degrees + t^2), by Lentz's continued fraction (NIST DLMF 8.17.22)
 */
export function studentTail(t: number, degrees: number): number {
  const square = t * t;
  const half = betaFraction(degrees / 2, 0.5, degrees / (degrees + square), square / (degrees + square)) / 2;
  return t > 0 ? half : 1 - half;
}

/**
 * The 97.5 % point of Student's t distribution: half the width of a 95 % confidence interval in standard errors.
 * @param degrees degrees of freedom, above 0
 */
export function twoSided95(degrees: number): number {
  let [low, high] = [0, 2];
  while (studentTail(high, degrees) > 0.025) high *= 2;
  for (let step = 0; step < 100; step++) {
    const middle = (low + high) / 2;
    if (studentTail(middle, degrees) > 0.025) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** The regularised incomplete beta function I_x(a, b); y = 1 - x comes along, so that none of its digits are lost. */
function betaFraction(a: number, b: number, x: number, y: number): number {
  if (x <= 0) return 0;
  if (y <= 0) return 1;
  // The fraction converges fast below the mean.
  if (x > (a + 1) / (a + b + 2)) return 1 - betaFraction(b, a, y, x);
  const front = Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log(y)) / a;
  const tiny = 1e-300;
  let c = 1;
  let d = 1 / notZero(1 - ((a + b) * x) / (a + 1), tiny);
  let fraction = d;
  for (let m = 1; m <= 300; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    for (const term of [even, odd]) {
      d = 1 / notZero(1 + term * d, tiny);
      c = notZero(1 + term / c, tiny);
      fraction *= c * d;
    }
    if (Math.abs(c * d - 1) < 1e-15) break;
  }
  return front * fraction;
}

function notZero(value: number, tiny: number): number {
  return Math.abs(value) < tiny ? tiny : value;
}

/** @source Lanczos' approximation with g = 7 and 9 terms, in Godfrey's coefficients */
function logGamma(x: number): number {
  if (x < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * x)) - logGamma(1 - x);
  const shifted = x - 1;
  const base = shifted + 7.5;
  let sum = LANCZOS[0];
  for (let k = 1; k < LANCZOS.length; k++) sum += LANCZOS[k] / (shifted + k);
  return 0.5 * Math.log(2 * Math.PI) + (shifted + 0.5) * Math.log(base) - base + Math.log(sum);
}

const LANCZOS = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
  12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
];
