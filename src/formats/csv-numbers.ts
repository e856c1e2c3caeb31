const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;
const MISSING = /^(?:nan|na|n\/a|null)?$/i;
const INFINITE = /^([+-]?)inf(?:inity)?$/i;
const DECIMAL_COMMA = /^[+-]?\d+,\d+$/;

/** Whether a cell was meant as a number: a missing one too, and one with a decimal comma, which must not pass for a name. */
export function isMeantAsNumber(cell: string): boolean {
  return NUMBER.test(cell) || MISSING.test(cell) || INFINITE.test(cell) || hasDecimalComma(cell);
}

/** Whether a cell is a number but for the comma where its point belongs. */
export function hasDecimalComma(cell: string): boolean {
  return DECIMAL_COMMA.test(cell);
}

/** The number in a cell, NaN for a missing one; undefined where it is none. */
export function parseNumber(cell: string): number | undefined {
  if (NUMBER.test(cell)) return Number(cell);
  if (MISSING.test(cell)) return Number.NaN;
  const infinite = INFINITE.exec(cell);
  if (infinite === null) return undefined;
  return infinite[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
}

/** The shortest text that reads back as the same number; special values as numpy spells them. */
export function formatNumber(value: number | bigint): string {
  if (Number.isNaN(value)) return 'nan';
  if (value === Number.POSITIVE_INFINITY) return 'inf';
  if (value === Number.NEGATIVE_INFINITY) return '-inf';
  return Object.is(value, -0) ? '-0' : String(value);
}
