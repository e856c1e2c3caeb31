const REAL = /^(bool|u?int(8|16|32|64)|bfloat16|float(16|32|64))$/;

/** Whether an entry of this type holds real numbers. */
export function isReal(dtype: string): boolean {
  return REAL.test(dtype);
}
