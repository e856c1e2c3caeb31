import { describe, expect, it } from 'vitest';
import { ShapeError } from '../../src/core/errors.ts';
import { assertSameConditions } from '../../src/rdm/alignment.ts';

const rows = (what: string, conditions: readonly string[] | null, nConditions = conditions?.length ?? 3) => ({
  what,
  nConditions,
  conditions,
});

describe('assertSameConditions', () => {
  it('says nothing where names and their order agree', () => {
    const notices: string[] = [];
    assertSameConditions(rows('A', ['x', 'y']), rows('B', ['x', 'y']), (notice) => notices.push(notice));
    expect(notices).toEqual([]);
  });

  it('refuses other sizes, saying both', () => {
    expect(() => assertSameConditions(rows('A', null, 92), rows('B', null, 118))).toThrow(
      /A has 92 conditions, B has 118/,
    );
  });

  it('refuses the same names in another order, naming the first row that differs', () => {
    expect(() => assertSameConditions(rows('A', ['x', 'y', 'z']), rows('B', ['x', 'z', 'y']))).toThrow(
      /A has "y" in row 2, B has "z"; the names are the same in another order/,
    );
  });

  it('refuses other names', () => {
    expect(() => assertSameConditions(rows('A', ['x', 'y']), rows('B', ['x', 'w']))).toThrow(ShapeError);
    expect(() => assertSameConditions(rows('A', ['x', 'y']), rows('B', ['x', 'w']))).toThrow(/A has "y" in row 2/);
  });

  it.each([
    ['A', rows('A', null), rows('B', ['x', 'y', 'z']), 'A does not hold'],
    ['B', rows('A', ['x', 'y', 'z']), rows('B', null), 'B does not hold'],
    ['either', rows('A', null), rows('B', null), 'neither holds'],
  ])('meets by size alone where %s has no names, and says so', (_, a, b, expected) => {
    const notices: string[] = [];
    assertSameConditions(a, b, (notice) => notices.push(notice));
    expect(notices).toHaveLength(1);
    expect(notices[0]).toContain(expected);
    expect(notices[0]).toContain('size alone');
  });
});
