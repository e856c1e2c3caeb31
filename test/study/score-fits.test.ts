import { cp } from 'node:fs/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { float64Array } from '../../src/formats/array.ts';
import { crossvalidate } from '../../src/study/crossvalidate.ts';
import { runStudy } from '../../src/study/run.ts';
import { readReport } from '../../src/study/runs/read-report.ts';
import { writeRun } from '../../src/study/runs/run-folder.ts';
import { compareRuns } from '../../src/study/scoring/compare-runs.ts';
import { featureArrays, type StudySettings, subjectRdms, type TestStudies, testStudies } from './environment.ts';
import { textsOf } from './memory-files.ts';

const N = 12;
const BACKBONE = { architecture: 'features:features.npz' };
const EVC = { images: 'images', rdms: 'rdms.npz', variable: 'EVC' };
let studies: TestStudies;
let names: string[];

beforeAll(async () => {
  studies = await testStudies();
  names = await studies.drawImages('images', N);
  await studies.writeArrays('features.npz', featureArrays(names));
  await studies.writeArrays('rdms.npz', { EVC: subjectRdms(N, 4) });
});

const fitted = (settings: Partial<StudySettings>) =>
  runStudy(
    studies.study({ backbone: BACKBONE, data: [EVC], training: { epochs: 2 }, ...settings }),
    studies.environment,
  );

describe('scores of a fit', () => {
  it('have no intervals where the study asks for no samples', async () => {
    const { scoring } = await fitted({ scoring: { rivals: 'none', samples: 0, permutations: 20 } });
    const [{ sheet }] = scoring.scored;
    expect(sheet.models[0]).toMatchObject({ estimate: null, aboveZero: null, permutation: { p: expect.any(Number) } });
  });

  it('warn of held-out images of which another data set showed a copy to learn from', async () => {
    await cp(studies.path('images'), studies.path('copies'), { recursive: true });
    const holdout = { by: 'image', fraction: 0.5 };
    const copies = { ...EVC, images: 'copies', name: 'copies' };
    const { scoring } = await fitted({ data: [EVC, copies], training: { epochs: 2, holdout } });
    const warned = scoring.scored.map(({ role, sheet }) => [role, sheet.warnings.map(({ code }) => code)]);
    expect(warned[0]).toEqual(['held-out', expect.arrayContaining(['chose-epoch', 'overlap'])]);
    const alone = await fitted({ training: { epochs: 2, holdout } });
    expect(alone.scoring.scored[0].sheet.warnings.map(({ code }) => code)).not.toContain('overlap');
  });

  it('leave out held-out images that a subject tells apart all alike, and the run is kept', async () => {
    const holdout = { by: 'image', fraction: 0.25 };
    const { scoring } = await fitted({ training: { epochs: 2, holdout } });
    const held = scoring.scored[0].conditions.map((name) => names.indexOf(name));
    expect(held).toHaveLength(3);
    await studies.writeArrays('alike.npz', { EVC: alikeAmong(held) });
    const data = [{ ...EVC, rdms: 'alike.npz' }];
    const run = await fitted({ data, training: { epochs: 2, holdout } });
    expect(run.scoring.scored.map(({ role }) => role)).toEqual(['learnt']);
    expect(run.sets[0].heldOut).toBeNull();
    expect(studies.notices.at(-1)).toMatch(/^EVC: the 3 images held out are not scored on: /);
    await writeRun(studies.path('run'), run, studies.environment);
    expect((await readReport(studies.path('run'), studies.environment)).scored).toHaveLength(1);
  });

  it('of three held-out images can be compared between runs', async () => {
    const training = { epochs: 2, holdout: { by: 'image', fraction: 0.25 } };
    const runs = [];
    for (const folder of ['one', 'two']) {
      await writeRun(studies.path(folder), await fitted({ training }), studies.environment);
      runs.push(await readReport(studies.path(folder), studies.environment));
    }
    const { shared } = await compareRuns(runs, studies.environment);
    expect(shared[0].set.sheet.models).toHaveLength(2);
  });
});

describe('a cross-validation', () => {
  const crossvalidated = (data: readonly object[], scoring: object = {}) => {
    const rivals = 'rivals' in scoring;
    return crossvalidate(
      studies.study({ backbone: BACKBONE, data, training: { epochs: 2 }, scoring }),
      { nFolds: 3, rivals },
      studies.environment,
    );
  };

  it('says which rivals there are none of, and why', async () => {
    await crossvalidated([EVC], { rivals: ['untrained', 'nnls'] });
    expect(studies.notices.at(-1)).toMatch(
      /^rival untrained is left out: features:.*: activations from a file have no network/,
    );
    await crossvalidated([EVC], { rivals: 'none' });
    expect(studies.notices.at(-1)).toMatch(/^the study asks for no rivals/);
  });

  it('refuses folds on whose images a subject has one dissimilarity throughout, before anything is fitted', async () => {
    await studies.writeArrays('few.npz', { EVC: alikeAmong([0, 1, 2, 3, 4, 5, 6, 7]), names: textsOf(names) });
    const seeds = [0, 1, 2, 3, 4, 5, 6, 7];
    const outcomes = await Promise.allSettled(
      seeds.map((seed) =>
        crossvalidate(
          studies.study({
            backbone: BACKBONE,
            data: [{ ...EVC, rdms: 'few.npz' }],
            training: { epochs: 1, seed },
          }),
          { nFolds: 4 },
          studies.environment,
        ),
      ),
    );
    const refused = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason.message] : []));
    expect(refused.length).toBeGreaterThan(0);
    for (const message of refused) {
      expect(message).toMatch(
        /^--folds: EVC, the 3 images left out by fold \d cannot be scored on: all their dissimilarities are 5 for subject 1 of 4; take fewer/,
      );
    }
    for (const outcome of outcomes) {
      if (outcome.status === 'fulfilled') expect(JSON.stringify(outcome.value.folds)).not.toContain('"rho":null');
    }
  });

  it('says where another folder shows copies of the images a fold leaves out', async () => {
    await cp(studies.path('images'), studies.path('twins'), { recursive: true });
    await crossvalidated([EVC, { ...EVC, images: 'twins', name: 'twins' }]);
    expect(studies.notices.join('\n')).toMatch(
      /^\d+ pairs of images are the same picture twice, dealt into different folds \(/m,
    );
  });
});

/** The entry EVC with one dissimilarity of the first subject among some images. */
function alikeAmong(images: readonly number[]) {
  const { data, shape } = subjectRdms(N, 4);
  const values = Array.from(data as Float64Array);
  for (const i of images) for (const j of images) if (i !== j) values[i * N + j] = 5;
  return float64Array([...shape], values);
}
