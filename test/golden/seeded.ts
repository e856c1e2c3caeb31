/** Numbers that Python and TypeScript both can compute, so that inputs and weights need not be stored; seeded.py is the same in Python. */
export function between(name: string, shape: readonly number[], low: number, high: number): Float32Array {
  let hash = 0x811c9dc5;
  for (let k = 0; k < name.length; k++) hash = Math.imul(hash ^ name.charCodeAt(k), 0x01000193);
  const values = new Float32Array(shape.reduce((size, length) => size * length, 1));
  for (let k = 0; k < values.length; k++) {
    let x = Math.imul(k, 0x9e3779b1) + hash;
    for (let round = 0; round < 2; round++) {
      x ^= x >>> 16;
      x = Math.imul(x, 0x45d9f3b);
    }
    x ^= x >>> 16;
    values[k] = low + (high - low) * ((x >>> 0) / 2 ** 32);
  }
  return values;
}
