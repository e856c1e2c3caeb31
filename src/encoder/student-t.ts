/**
 * P(|T| < t) of Student's distribution with a whole number of degrees of freedom.
 * @source Abramowitz and Stegun 26.7.3 and 26.7.4
 */
function probabilityWithin(t: number, degrees: number): number {
  const angle = Math.atan(t / Math.sqrt(degrees));
  const cosine = Math.cos(angle);
  const odd = degrees % 2 === 1;
  let term = odd ? cosine : 1;
  let sum = degrees === 1 ? 0 : term;
  for (let k = odd ? 3 : 2; k <= degrees - 2; k += 2) {
    term *= (cosine * cosine * (k - 1)) / k;
    sum += term;
  }
  return odd ? (2 / Math.PI) * (angle + Math.sin(angle) * sum) : Math.sin(angle) * sum;
}

/**
 * The 97.5 % point of Student's t distribution: half the width of a 95 % confidence interval in standard errors.
 * @param degrees degrees of freedom, a whole number from 1
 */
export function twoSided95(degrees: number): number {
  let [low, high] = [0, 13]; // 12.706 with one degree of freedom, fewer with more
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2;
    if (probabilityWithin(middle, degrees) < 0.95) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
