import { beforeAll, describe, expect, it, vi } from 'vitest';
import { UsageError } from '../../src/core/errors.ts';
import type { Encoder } from '../../src/encoder/encoder.ts';
import { crossvalidate, type FoldUnit } from '../../src/study/crossvalidate.ts';
import { featureArrays, subjectRdms, type TestStudies, testStudies } from './environment.ts';
import { textsOf } from './memory-files.ts';

const fits = vi.hoisted(() => ({ encoders: [] as Encoder[] }));

// The fit as it is, with a look at the encoders that come out of it.
vi.mock('../../src/training/fit.ts', async (importOriginal) => {
  const { fitMask, ...rest } = await importOriginal<typeof import('../../src/training/fit.ts')>();
  const watched: typeof fitMask = async (...args) => {
    const result = await fitMask(...args);
    fits.encoders.push(result.encoder);
    return result;
  };
  return { ...rest, fitMask: watched };
});

const N = 12;
const EVC = { images: 'images', rdms: 'rdms.npz', variable: 'EVC' };
const IT = { images: 'images', rdms: 'rdms.npz', variable: 'IT' };
let studies: TestStudies;
let names: string[];

beforeAll(async () => {
  studies = await testStudies();
  names = await studies.drawImages('images', N);
  await studies.writeArrays('features.npz', featureArrays(names));
  await studies.writeArrays('rdms.npz', { EVC: subjectRdms(N, 4), IT: subjectRdms(N, 3, 9), alone: subjectRdms(N, 1) });
});

const study = (data: readonly object[], training: object = {}) =>
  studies.study({
    backbone: { architecture: 'features:features.npz' },
    data,
    training: { epochs: 3, learningRate: 0.02, ...training },
  });

const crossvalidated = (data: readonly object[], nFolds: number, by: FoldUnit = 'image', training: object = {}) =>
  crossvalidate(study(data, training), { nFolds, by }, studies.environment);

/** The EVC entry with other values wherever `changes` says so of a subject's row and column. */
async function changed(changes: (subject: number, i: number, j: number) => boolean) {
  const { data, ...array } = subjectRdms(N, 4);
  const values = Float64Array.from(data as Float64Array, (value, at) => {
    const [subject, i, j] = [Math.floor(at / N ** 2), Math.floor(at / N) % N, at % N];
    return i !== j && changes(subject, i, j) ? 5 - value : value;
  });
  await studies.writeArrays('changed.npz', { EVC: { ...array, data: values } });
  return { ...EVC, rdms: 'changed.npz' };
}

/** The folds (from 0) of two cross-validations that fitted the same encoder, to the last bit. */
async function foldsAlike(data: readonly object[], others: readonly object[], nFolds: number, by: FoldUnit) {
  const encodersOf = async (sets: readonly object[]) => {
    fits.encoders.length = 0;
    await crossvalidated(sets, nFolds, by);
    return [...fits.encoders];
  };
  const [encoders, theirs] = [await encodersOf(data), await encodersOf(others)];
  expect(encoders).toHaveLength(nFolds);
  return encoders.flatMap(({ mask, readouts }, fold) => {
    const same = mask.every((value, k) => value === theirs[fold].mask[k]);
    return same && JSON.stringify(readouts) === JSON.stringify(theirs[fold].readouts) ? [fold] : [];
  });
}

describe('cross-validation by image', () => {
  it('scores each fold on pairs of the images it left out, beside ceiling and untrained mask', async () => {
    const { by, folds, summary } = await crossvalidated([EVC], 3);
    expect(by).toBe('image');
    expect(folds.map(({ fold, variable, nImages, nSubjects }) => ({ fold, variable, nImages, nSubjects }))).toEqual(
      [1, 2, 3].map((fold) => ({ fold, variable: 'EVC', nImages: 4, nSubjects: 4 })),
    );
    for (const { rho, rhoBySubject, untrainedRho, ceiling } of folds) {
      expect(rhoBySubject).toHaveLength(4);
      expect(rhoBySubject.reduce((sum, value) => sum + value, 0) / 4).toBeCloseTo(rho, 12);
      expect(untrainedRho).toEqual(expect.any(Number));
      expect(ceiling!.lower.rho).toBeLessThanOrEqual(ceiling!.upper.rho);
    }
    const mean = folds.reduce((sum, { rho }) => sum + rho, 0) / 3;
    expect(summary).toHaveLength(1);
    expect(summary[0]).toMatchObject({ variable: 'EVC', rho: expect.closeTo(mean, 12) });
    expect(summary[0].rhoSd).toBeCloseTo(Math.sqrt(folds.reduce((sum, { rho }) => sum + (rho - mean) ** 2, 0) / 2), 12);
  });

  it('lets nothing of a left-out image reach the fit, and leaves each image out once', async () => {
    // An encoder stays the same exactly where what changed was left out.
    const foldOf: number[] = [];
    for (let image = 0; image < N; image++) {
      const other = await changed((_, i, j) => i === image || j === image);
      const alike = await foldsAlike([EVC, IT], [other, IT], 3, 'image');
      expect(alike, `image ${image}`).toHaveLength(1);
      foldOf.push(alike[0]);
    }
    for (const fold of [0, 1, 2]) expect(foldOf.filter((each) => each === fold)).toHaveLength(4);
  });

  it('leaves the same images out of data sets that list them in another order, or list a part', async () => {
    const rdms = subjectRdms(N, 4);
    const turned = {
      ...rdms,
      data: Float64Array.from(rdms.data as Float64Array, (_, at) => {
        const [subject, i, j] = [Math.floor(at / N ** 2), Math.floor(at / N) % N, at % N];
        return (rdms.data as Float64Array)[subject * N ** 2 + (N - 1 - i) * N + (N - 1 - j)];
      }),
    };
    await studies.writeArrays('turned.npz', { turned, names: textsOf([...names].reverse()) });
    const { folds } = await crossvalidated([EVC, { images: 'images', rdms: 'turned.npz', variable: 'turned' }], 3);
    for (const fold of [1, 2, 3]) {
      const [own, other] = folds.filter((each) => each.fold === fold);
      expect(other.untrainedRho).toBeCloseTo(own.untrainedRho, 12);
      expect(other.rho).toBeCloseTo(own.rho, 12);
    }
  });

  it('is the same again for the same seed, and deals other folds for another', async () => {
    const first = await crossvalidated([EVC], 3);
    expect(await crossvalidated([EVC], 3)).toEqual(first);
    const other = await crossvalidated([EVC], 3, 'image', { seed: 1 });
    expect(other.folds.map(({ untrainedRho }) => untrainedRho)).not.toEqual(
      first.folds.map(({ untrainedRho }) => untrainedRho),
    );
  });

  it('keeps a holdout of the study inside what the fold may learn from', async () => {
    const { folds } = await crossvalidated([EVC], 3, 'image', { holdout: { by: 'image', fraction: 0.25 } });
    expect(folds.map(({ nImages }) => nImages)).toEqual([4, 4, 4]);
  });

  it('has no ceiling for a single subject', async () => {
    const { folds, summary } = await crossvalidated([{ ...EVC, variable: 'alone' }], 2);
    expect(folds.map(({ ceiling }) => ceiling)).toEqual([null, null]);
    expect(summary[0].ceiling).toBeNull();
  });

  it.each([
    [5, '--folds: expected 2 to 4 for the 12 images of EVC, got 5'],
    [1, '--folds: expected 2 to 4 for the 12 images of EVC, got 1'],
  ])('refuses %i folds of 12 images: fewer than 3 in a fold have no rank correlation', async (nFolds, message) => {
    await expect(crossvalidated([EVC], nFolds)).rejects.toThrow(new UsageError(message));
  });

  it('refuses images that are too few for any folds, and parts of a folder that are too few for these', async () => {
    await studies.writeArrays('five.npz', { rdm: subjectRdms(5, 2), names: textsOf(names.slice(0, 5)) });
    await studies.writeArrays('seven.npz', { rdm: subjectRdms(7, 2), names: textsOf(names.slice(0, 7)) });
    const part = (rdms: string) => ({ images: 'images', rdms, variable: 'rdm' });
    await expect(crossvalidated([part('five.npz')], 2)).rejects.toThrow('rdm: 5 images are too few to leave some out');
    const [{ nImages }] = (await crossvalidated([part('seven.npz')], 2)).folds;
    expect([3, 4]).toContain(nImages);
    const seeds = [0, 1, 2, 3, 4, 5].map((seed) => crossvalidated([EVC, part('seven.npz')], 2, 'image', { seed }));
    const outcomes = await Promise.allSettled(seeds);
    const refused = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []));
    expect(refused.length).toBeGreaterThan(0);
    for (const reason of refused) {
      expect(reason).toBeInstanceOf(UsageError);
      expect(reason.message).toMatch(
        /^--folds: expected at least 3 images of rdm in each fold, got \d in one of 2; take fewer folds$/,
      );
    }
  });
});

describe('cross-validation by subject', () => {
  it('scores each fold on the RDMs of the subjects it left out, of all images', async () => {
    const { by, folds, summary } = await crossvalidated([EVC], 2, 'subject');
    expect(by).toBe('subject');
    expect(folds.map(({ nImages, nSubjects, rhoBySubject }) => [nImages, nSubjects, rhoBySubject.length])).toEqual([
      [N, 2, 2],
      [N, 2, 2],
    ]);
    expect(summary[0].ceiling).toEqual({ lower: expect.any(Number), upper: expect.any(Number) });
  });

  it('lets nothing of a left-out subject reach the fit, and leaves each subject out once', async () => {
    const foldOf: number[] = [];
    for (const subject of [0, 1, 2, 3]) {
      const other = await changed((each) => each === subject);
      const alike = await foldsAlike([EVC, IT], [other, IT], 2, 'subject');
      expect(alike, `subject ${subject}`).toHaveLength(1);
      foldOf.push(alike[0]);
    }
    expect(foldOf.sort()).toEqual([0, 0, 1, 1]);
  });

  it('leaves the same subjects out of data sets with equal numbers of them, and says that it takes them for the same', async () => {
    const notices: string[] = [];
    const environment = { ...studies.environment, onNotice: (notice: string) => notices.push(notice) };
    for (const seed of [0, 1, 2]) {
      const again = { ...EVC, name: 'EVC again' };
      const { folds } = await crossvalidate(
        study([EVC, IT, again], { seed }),
        { nFolds: 3, by: 'subject' },
        environment,
      );
      for (const fold of [1, 2, 3]) {
        const [own, , other] = folds.filter((each) => each.fold === fold);
        expect(other.variable).toBe('EVC again');
        // The untrained mask depends on nothing but who is left out.
        expect(other.untrainedRho).toBe(own.untrainedRho);
      }
    }
    const said = 'subjects of sets with equal numbers are taken to be the same people';
    expect(notices.filter((notice) => notice === said)).toHaveLength(3);
    notices.length = 0;
    await crossvalidate(study([EVC, IT]), { nFolds: 3, by: 'subject' }, environment);
    expect(notices).not.toContain(said);
  });

  it('has no ceiling where a fold leaves out one subject', async () => {
    const { folds, summary } = await crossvalidated([EVC], 4, 'subject');
    expect(folds.map(({ nSubjects, ceiling }) => [nSubjects, ceiling])).toEqual(Array(4).fill([1, null]));
    expect(summary[0].ceiling).toBeNull();
  });

  it('refuses more folds than subjects, and a single subject', async () => {
    await expect(crossvalidated([EVC, IT], 4, 'subject')).rejects.toThrow(
      new UsageError('--folds: expected 2 to 3 for the 3 subjects of IT, got 4'),
    );
    await expect(crossvalidated([{ ...EVC, variable: 'alone' }], 2, 'subject')).rejects.toThrow(
      new UsageError('alone: 1 subjects are too few to leave some out'),
    );
  });
});

describe('rivals in a cross-validation', () => {
  const withRivals = (rivals: readonly string[], by: FoldUnit, nFolds: number) => {
    const asked = studies.study({
      backbone: { architecture: 'features:features.npz' },
      encoder: { scale: 'none' },
      data: [EVC, IT],
      training: { epochs: 2 },
      scoring: { rivals, samples: 20, permutations: 20 },
    });
    return crossvalidate(asked, { nFolds, by, rivals: true }, studies.environment);
  };

  it.each(['image', 'subject'] as const)(
    'are scored on what each fold leaves out by %s, as the mask at its start is',
    async (by) => {
      const { folds, summary } = await withRivals(['unweighted', 'stages', 'nnls'], by, 3);
      expect(folds).toHaveLength(6);
      for (const { rivals, untrainedRho } of folds) {
        expect(rivals.map(({ name }) => name)).toEqual([
          'fine alone',
          'middle alone',
          'coarse alone',
          'unweighted',
          'nnls',
        ]);
        // Without a scale the mask of ones weighs nothing: the same RDM by another way.
        expect(rivals.find(({ name }) => name === 'unweighted')!.rho).toBeCloseTo(untrainedRho, 10);
      }
      for (const { variable, rivals } of summary) {
        const ofSet = folds.filter((fold) => fold.variable === variable);
        const mean = ofSet.reduce((sum, fold) => sum + fold.rivals[4].rho!, 0) / ofSet.length;
        expect(rivals[4]).toEqual({ name: 'nnls', rho: expect.closeTo(mean, 12) });
      }
    },
  );

  it('are left out unless they are asked for', async () => {
    const { folds, summary } = await crossvalidated([EVC], 3);
    expect([...folds, ...summary].every(({ rivals }) => rivals.length === 0)).toBe(true);
  });
});
