/**
 * Rows as lines of aligned columns: the first to the left, the others to the right, as numbers are read.
 * @param rows the first one is the header; all have its length
 */
export function alignedTable(rows: readonly (readonly string[])[]): string {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => (column === 0 ? cell.padEnd(widths[column]) : cell.padStart(widths[column])))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** A number with so many decimals, what rounds to zero without a sign; `-` where there is none. */
export function formatNumber(value: number | null, decimals = 3): string {
  return value === null || Number.isNaN(value) ? '-' : value.toFixed(decimals).replace(/^-(0\.?0*)$/, '$1');
}
