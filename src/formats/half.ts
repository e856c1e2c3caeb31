// Sixteen-bit floating point: IEEE 754 binary16 and bfloat16 (the upper half of a float32).

const word = new DataView(new ArrayBuffer(4));

/** Exact: every float16 is a float32. */
export function float16ToFloat32(bits: Uint16Array): Float32Array {
  everyHalf ??= Float32Array.from({ length: 1 << 16 }, (_, half) => widened(half));
  const values = new Float32Array(bits.length);
  for (let k = 0; k < bits.length; k++) values[k] = everyHalf[bits[k]];
  return values;
}

// Looked up, because networks come with tens of millions of them.
let everyHalf: Float32Array | undefined;

function widened(half: number): number {
  const exponent = (half >>> 10) & 0x1f;
  const fraction = half & 0x3ff;
  const magnitude =
    exponent === 0
      ? fraction * 2 ** -24
      : exponent === 31
        ? fraction === 0
          ? Number.POSITIVE_INFINITY
          : Number.NaN
        : (1024 + fraction) * 2 ** (exponent - 25);
  return half & 0x8000 ? -magnitude : magnitude;
}

/** Rounds to the nearest, ties to even; beyond 65504 to infinity. */
export function float32ToFloat16(values: Float32Array): Uint16Array {
  return Uint16Array.from(values, (value) => {
    word.setFloat32(0, value);
    const bits = word.getUint32(0);
    const sign = (bits >>> 16) & 0x8000;
    const magnitude = Math.abs(value);
    if (Number.isNaN(value)) return sign | 0x7e00;
    if (magnitude >= 65520) return sign | 0x7c00;
    // Below the smallest normal number, all float16 are multiples of 2^-24.
    if (magnitude < 2 ** -14) return sign | roundHalfToEven(magnitude * 2 ** 24);
    const exponent = ((bits >>> 23) & 0xff) - 127;
    // A fraction that rounds up to 1024 carries into the exponent, as it should.
    return sign | (((exponent + 15) << 10) + roundHalfToEven((magnitude / 2 ** exponent - 1) * 1024));
  });
}

/** Exact: every bfloat16 is a float32. */
export function bfloat16ToFloat32(bits: Uint16Array): Float32Array {
  const words = new Uint32Array(bits.length);
  for (let k = 0; k < bits.length; k++) words[k] = bits[k] << 16;
  return new Float32Array(words.buffer);
}

/** Rounds to the nearest, ties to even. */
export function float32ToBfloat16(values: Float32Array): Uint16Array {
  return Uint16Array.from(values, (value) => {
    word.setFloat32(0, value);
    const bits = word.getUint32(0);
    if (Number.isNaN(value)) return ((bits >>> 16) & 0x8000) | 0x7fc0;
    return (bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16;
  });
}

function roundHalfToEven(value: number): number {
  const below = Math.floor(value);
  const rest = value - below;
  return rest > 0.5 || (rest === 0.5 && below % 2 === 1) ? below + 1 : below;
}
