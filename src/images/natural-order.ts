/**
 * The order of names that people expect: `image_2` before `image_10`.
 *
 * Names are compared character by character (UTF-16 code units, so capitals come first), but where both have a run of digits 0-9 the runs
 * are compared as whole numbers. Names that are equal so (`a1` and `a01`) are compared plainly. For names that are padded with zeros to one
 * length this is plain name order.
 * @returns negative, 0 or positive, for `sort`; 0 only for the same name
 */
export function compareNaturally(a: string, b: string): number {
  let i = 0;
  let j = 0;
  while (i < a.length && j < b.length) {
    if (isDigit(a, i) && isDigit(b, j)) {
      const [endA, endB] = [endOfDigits(a, i), endOfDigits(b, j)];
      const difference = compareNumbers(a.slice(i, endA), b.slice(j, endB));
      if (difference !== 0) return difference;
      [i, j] = [endA, endB];
    } else {
      const difference = a.charCodeAt(i++) - b.charCodeAt(j++);
      if (difference !== 0) return difference;
    }
  }
  return a.length - i - (b.length - j) || (a < b ? -1 : a > b ? 1 : 0);
}

function isDigit(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code >= 48 && code <= 57;
}

function endOfDigits(text: string, from: number): number {
  let end = from;
  while (end < text.length && isDigit(text, end)) end++;
  return end;
}

/** Whole numbers of any length, as digits. */
function compareNumbers(a: string, b: string): number {
  const [x, y] = [a.replace(/^0+/, ''), b.replace(/^0+/, '')];
  return x.length - y.length || (x < y ? -1 : x > y ? 1 : 0);
}
