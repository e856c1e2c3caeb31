import { expect, test } from 'vitest';
import { bfloat16ToFloat32, float16ToFloat32, float32ToBfloat16, float32ToFloat16 } from '../../src/formats/half.ts';
import { expected } from './golden.ts';

const { float32, float16, bfloat16 } = expected.rounding;
const everyBits = Uint16Array.from({ length: 1 << 16 }, (_, bits) => bits);

test('float32 rounds to float16 as numpy does: to nearest, ties to even, small ones to subnormals, large ones to infinity', () => {
  expect(Array.from(float32ToFloat16(Float32Array.from(float32)))).toEqual(float16);
});

test('float32 rounds to bfloat16 as torch does', () => {
  expect(Array.from(float32ToBfloat16(Float32Array.from(float32)))).toEqual(bfloat16);
});

test.each([
  ['float16', float16ToFloat32, float32ToFloat16],
  ['bfloat16', bfloat16ToFloat32, float32ToBfloat16],
] as const)('every %s survives being widened, NaN as a NaN', (_, widen, narrow) => {
  const wide = widen(everyBits);
  const back = narrow(wide);
  everyBits.forEach((bits, k) => {
    if (Number.isNaN(wide[k])) expect(Number.isNaN(widen(back.slice(k, k + 1))[0])).toBe(true);
    else if (back[k] !== bits) expect.fail(`${bits} came back as ${back[k]}`);
  });
});
