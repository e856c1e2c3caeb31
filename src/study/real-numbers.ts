const REAL = /^(bool|u?int(8|16|32|64)|b?float(16|32|64))$/;

/** Whether a dtype is one of real numbers. */
export function isReal(dtype: string): boolean {
  return REAL.test(dtype);
}
