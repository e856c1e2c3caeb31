import fc from 'fast-check';
import { parseHTML } from 'linkedom';
import { describe, expect, it, test } from 'vitest';
import { csvText } from '../../../src/report/figures/csv-text.ts';
import { rankFractions, valuesAtFractions } from '../../../src/report/figures/rank-shades.ts';
import { scaleOver } from '../../../src/report/figures/scale.ts';
import { spreadApart } from '../../../src/report/figures/spread.ts';
import { stageLines } from '../../../src/report/figures/stage-columns.ts';
import { element, escapeText } from '../../../src/report/figures/svg.ts';
import { label, shortened, textWidth, wrapped } from '../../../src/report/figures/text.ts';
import { pText, slug, threeDigits } from '../../../src/report/figures/wording.ts';

const TEXT = fc.string({ unit: 'binary', maxLength: 40 });
const finite = fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e9, max: 1e9 });

describe('text in an svg', () => {
  it('is read back as it was, whatever it holds, in text and in attributes', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...`a<>&"' \u00e9\u4e2d=/!`), maxLength: 20 }), (text) => {
        const { document } = parseHTML(`<html><body>${element('g', { id: text }, escapeText(text))}</body></html>`);
        expect(document.querySelector('g')!.textContent).toBe(text);
        expect(document.querySelector('g')!.getAttribute('id')).toBe(text);
      }),
    );
  });

  it('never holds what XML forbids: control characters and halves of pairs become U+FFFD', () => {
    expect(escapeText('a\u0000b\u001bc\ud800d\ufffee')).toBe('a\ufffdb\ufffdc\ufffdd\ufffde');
    expect(escapeText('tab\t, \u{1f600}')).toBe('tab\t, \u{1f600}');
  });

  it('that is shortened fits its room, begins and ends as the whole, and tells the whole when pointed at', () => {
    fc.assert(
      fc.property(TEXT, fc.double({ min: 15, max: 200, noNaN: true }), (text, room) => {
        const short = shortened(text, room);
        expect(textWidth(short)).toBeLessThanOrEqual(room);
        if (short === text) return;
        const [head, tail] = [...short.split('\u2026'), ''];
        if (!text.includes('\u2026')) expect(text.startsWith(head) && text.endsWith(tail)).toBe(true);
        expect(label(0, 0, text, { room })).toContain(`<title>${escapeText(text)}</title>`);
      }),
    );
  });

  it('is at most as wide as measured with the widest common font', () => {
    // DejaVu Sans at 1000 pixels, measured by PIL 9.4.
    expect(textWidth('mean signed rho 0.129, layer1.0 (15 subjects)', 1000)).toBeCloseTo(23178, -3);
    expect(textWidth('\u4e2d\u6587', 1000)).toBeGreaterThanOrEqual(2000);
  });

  it('is wrapped into lines that fit and hold every word', () => {
    const text = 'share of the embedding by stage from the first stage to the last';
    const lines = wrapped(text, 120);
    expect(lines.join(' ')).toBe(text);
    for (const line of lines) expect(textWidth(line)).toBeLessThanOrEqual(120);
    expect(wrapped('a-single-word-that-is-far-too-long', 60)).toHaveLength(1);
  });
});

describe('scaleOver', () => {
  it('holds all values within its range, with different round ticks that read differently', () => {
    fc.assert(
      fc.property(
        fc.array(finite, { minLength: 1, maxLength: 8 }),
        fc.integer({ min: 1, max: 10 }),
        (values, about) => {
          const scale = scaleOver(values, [0, 100], about);
          for (const value of values) {
            expect(scale(value)).toBeGreaterThanOrEqual(-1e-6);
            expect(scale(value)).toBeLessThanOrEqual(100 + 1e-6);
          }
          expect(scale.ticks.length).toBeLessThanOrEqual(1.5 * about + 2);
          const spread = Math.max(...values.map(Math.abs)) / (scale.domain[1] - scale.domain[0]);
          if (spread < 1e6 && scale.domain[1] - scale.domain[0] > 1e-9) {
            expect(new Set(scale.ticks.map(scale.format)).size).toBe(scale.ticks.length);
          }
        },
      ),
    );
  });

  it.each([
    [[0, 0.37], 5, ['0.0', '0.1', '0.2', '0.3']],
    [[-0.12, 0.31], 5, ['\u22120.1', '0.0', '0.1', '0.2', '0.3']],
    [[1, 15], 8, ['2', '4', '6', '8', '10', '12', '14']],
    [[1, 1], 1, ['1']],
    [[Number.NaN], 5, ['0.0', '0.2', '0.4', '0.6', '0.8', '1.0']],
    [[0, 0], 2, ['0.0', '0.2', '0.4']],
  ])('marks %j by %j at %j', (values, about, ticks) => {
    const scale = scaleOver(values, [0, 1], about);
    expect(scale.ticks.map(scale.format)).toEqual(ticks);
  });

  it('ends at 0 exactly where 0 is an end', () => {
    expect(scaleOver([0, 5], [0, 1]).domain[0]).toBe(0);
    expect(scaleOver([-5, 0], [0, 1]).domain[1]).toBe(0);
  });
});

describe('ranks as places from 0 to 1', () => {
  test('ties stand in the middle of their places, and what is no number stays none', () => {
    expect(rankFractions(Float64Array.of(3, 1, 1, Number.NaN, 9))).toEqual(
      Float64Array.of(2 / 3, 1 / 6, 1 / 6, Number.NaN, 1),
    );
    expect(rankFractions(new Float64Array(4))).toEqual(new Float64Array(4).fill(0.5));
    expect(rankFractions(Float64Array.of(7))).toEqual(Float64Array.of(0.5));
    expect(rankFractions(new Float64Array(0))).toEqual(new Float64Array(0));
  });

  test('a bar tells the values at places of the order', () => {
    expect(valuesAtFractions(Float64Array.of(5, 1, Number.NaN, 3), [0, 0.5, 1])).toEqual([1, 3, 5]);
    expect(valuesAtFractions(new Float64Array(0), [0])).toEqual([Number.NaN]);
  });
});

describe('spreadApart', () => {
  it('leaves squares where they are that touch nothing', () => {
    const centres = Float64Array.of(30, 30, 100, 100);
    expect(spreadApart(centres, { side: 20, within: 200, inset: 5 })).toEqual(centres);
  });

  it('keeps all within the frame, the same each time, and has less overlap than before', () => {
    const centres = Float64Array.from({ length: 40 }, (_, k) => 60 + ((k * 37) % 50));
    const options = { side: 20, within: 200, inset: 5 };
    const places = spreadApart(centres, options);
    expect(places).toEqual(spreadApart(centres, options));
    expect(Math.min(...places)).toBeGreaterThanOrEqual(15);
    expect(Math.max(...places)).toBeLessThanOrEqual(185);
    expect(overlap(places, 20)).toBeLessThan(overlap(centres, 20) / 3);
  });

  it('parts even squares that are in one place', () => {
    const places = spreadApart(new Float64Array(8).fill(100), { side: 20, within: 200, inset: 5 });
    expect(overlap(places, 20)).toBeLessThan(0.5 * 400 * 6);
    expect(places.every(Number.isFinite)).toBe(true);
  });
});

test('stages stand in as many even lines as they need, none left out', () => {
  expect(stageLines(5, 600)).toEqual([{ from: 0, to: 5 }]);
  expect(stageLines(17, 280).map(({ from, to }) => to - from)).toEqual([6, 5, 6]);
  expect(stageLines(3, 10)).toHaveLength(3);
});

test('.csv cells are quoted where needed, numbers are written in full, and what is missing is empty', () => {
  expect(
    csvText(
      ['a', 'b,c'],
      [
        [0.1 + 0.2, 'say "x"'],
        [null, Number.NaN],
        [undefined, 'line\nbreak'],
      ],
    ),
  ).toBe('a,"b,c"\n0.30000000000000004,"say ""x"""\n,\n,"line\nbreak"\n');
});

test('numbers are printed as readers expect them', () => {
  expect([0.048, 0.5, 1, 0.0004, null].map(pText)).toEqual(['.048', '.50', '1.00', '< .001', '\u2013']);
  expect([0.1234, 1.234, 12.34, 1234.5, -0.5, 1e-5, Number.NaN].map(threeDigits)).toEqual([
    ...['0.123', '1.23', '12.3', '1235', '\u22120.500', '1.0e\u22125', '\u2013'],
  ]);
  expect(['EVC_RDMs', '  \u00dcber/x  ', '\u4e2d'].map(slug)).toEqual(['evc-rdms', 'uber-x', 'set']);
});

function overlap(places: Float64Array, side: number): number {
  let sum = 0;
  for (let i = 0; i < places.length; i += 2) {
    for (let j = i + 2; j < places.length; j += 2) {
      const [x, y] = [0, 1].map((axis) => Math.max(0, side - Math.abs(places[i + axis] - places[j + axis])));
      sum += x * y;
    }
  }
  return sum;
}
