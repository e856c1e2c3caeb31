import { describe, expect, it } from 'vitest';
import { comparedRdms, permutedScores } from '../../src/inference/compared-rdms.ts';
import { officialScore } from '../../src/inference/official-scores.ts';
import { shuffledCeilings } from '../../src/inference/shuffle-block.ts';
import { BENCHMARKS, publishedCeiling } from '../../src/rdm/benchmarks.ts';
import { makeRdm, makeRdmStack } from '../../src/rdm/rdm.ts';
import challenge from '../golden/challenge/expected.json' with { type: 'json' };
import golden from '../golden/score-sheet/expected.json' with { type: 'json' };

const { nSubjects, nTimes } = golden;
const target = makeRdmStack(Float64Array.from(golden.subjects.flat(2)), { nSubjects, nTimes });
const models = golden.models.map((values) => ({ rdm: makeRdm(Float64Array.from(values)) }));
const rdms = comparedRdms(models, target, { comparator: 'spearman', averaging: 'raw', withCeiling: false });
const permutations = golden.permutations.map((rows) => Uint32Array.from(rows));

describe('with given permutations, on RDMs with ties and times', () => {
  it("permuted models' scores are scipy's, for each model and subject", () => {
    const expected = golden.permuted.flat(2);
    const scores = permutedScores(rdms, permutations);
    expect(scores).toHaveLength(expected.length);
    scores.forEach((value, k) => {
      expect(value).toBeCloseTo(expected[k], 12);
    });
  });

  it("r2, percent of the ceiling and the floors of both are numpy's", () => {
    const scores = permutedScores(rdms, permutations);
    const inPlace = permutedScores(rdms, [Uint32Array.from({ length: target.nConditions }, (_, row) => row)]);
    golden.official.forEach((expected, model) => {
      const at = (table: Float64Array, round: number) =>
        table.slice((round * models.length + model) * nSubjects, (round * models.length + model + 1) * nSubjects);
      const permuted = permutations.map((_, round) => at(scores, round));
      const official = officialScore({ bySubject: at(inPlace, 0), permuted }, golden.ceiling);
      expect(official.r2).toBeCloseTo(expected.r2, 12);
      expect(official.percentOfCeiling).toBeCloseTo(expected.percentOfCeiling, 9);
      expect(official.floor!.r2.mean).toBeCloseTo(expected.floor.r2.mean, 12);
      expect(official.floor!.r2.percentile95).toBeCloseTo(expected.floor.r2.percentile95, 12);
      expect(official.floor!.percent!.mean).toBeCloseTo(expected.floor.percent.mean, 9);
      expect(official.floor!.percent!.percentile95).toBeCloseTo(expected.floor.percent.percentile95, 9);
    });
  });

  it("ceilings of subjects whose labels are shuffled apart are scipy's", () => {
    const shuffles = golden.shuffles.map((subjects) => subjects.map((rows) => Uint32Array.from(rows)));
    const found = shuffledCeilings(target, shuffles);
    expect(found).toHaveLength(golden.shuffled.length);
    found.forEach(({ lower, upperR2 }, k) => {
      expect(lower).toBeCloseTo(golden.shuffled[k].lower, 12);
      expect(upperR2).toBeCloseTo(golden.shuffled[k].upperR2, 12);
    });
  });
});

describe('the official figure', () => {
  it("is the challenge's of its example submission, whose percentage is of the published ceiling", () => {
    const published = BENCHMARKS['algonauts2019-92'];
    for (const [variable, { rhoBySubject, r2 }] of Object.entries(challenge.score)) {
      const ceiling = publishedCeiling(published, variable)!;
      const official = officialScore({ bySubject: Float64Array.from(rhoBySubject), permuted: [] }, ceiling);
      expect(official.r2).toBeCloseTo(r2, 12);
      expect(official.percentOfCeiling).toBeCloseTo((100 * r2) / { EVC_RDMs: 0.1589, IT_RDMs: 0.3075 }[variable]!, 9);
    }
  });

  it('has no percentage without a ceiling, or with one that is 0, and no floor without permutations', () => {
    for (const ceiling of [null, 0]) {
      expect(officialScore({ bySubject: Float64Array.of(0.3, -0.5), permuted: [] }, ceiling)).toEqual({
        ...{ r2: (0.09 + 0.25) / 2, percentOfCeiling: null, floor: null },
      });
    }
  });
});
