import { existsSync, readdirSync } from 'node:fs';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { withFitInput } from '../../src/study/fit-input.ts';
import { runStudy } from '../../src/study/run.ts';
import { openPartialRun, type PartialMode, type PartialRun } from '../../src/study/runs/partial-run.ts';
import type { Study } from '../../src/study/settings/study-file.ts';
import type { PermutedFit } from '../../src/study/tuning.ts';
import { featureArrays, subjectRdms, type TestStudies, testStudies } from './environment.ts';

const N = 8;
let studies: TestStudies;
let study: Study;

beforeAll(async () => {
  studies = await testStudies();
  const names = await studies.drawImages('images', N);
  await studies.writeArrays('features.npz', featureArrays(names));
  await studies.writeArrays('rdms.npz', { EVC: subjectRdms(N, 3) });
  study = studies.study({
    backbone: { architecture: 'features:features.npz' },
    data: [{ images: 'images', rdms: 'rdms.npz', variable: 'EVC' }],
    training: { epochs: 2 },
  });
});
beforeEach(() => {
  studies.notices.length = 0;
});

const opened = (run: string, mode: PartialMode) => openPartialRun(studies.path(run), study, mode, studies.environment);

/** A fit that is through, with its fits of permuted labels, but whose run was not written. */
async function leave(run: string, permuted: readonly PermutedFit[] = []): Promise<PartialRun> {
  const partial = await opened(run, 'refuse');
  const through = {
    ...partial,
    begin: async (input: Parameters<PartialRun['begin']>[0]) => {
      const keeper = await partial.begin(input);
      return {
        ...keeper,
        finish: async (...fit: Parameters<typeof keeper.finish>) => {
          await keeper.finish(...fit);
          if (permuted.length > 0) await keeper.keepPermuted(permuted);
        },
      };
    },
  };
  await runStudy(study, studies.environment, { partial: through });
  return partial;
}

describe('what is kept of permuted fits', () => {
  const kept = [
    [0.2, 0.3, 0.5],
    [0.1, 0.4, 0.5],
  ].map((shares) => ({ shares, signedMeanMasks: shares.map((mean) => ({ mean, ci95: null })) }));

  it.each([0, 1])('is not dropped by going on with %i of 2', async (nPermutations) => {
    const run = `permuted-${nPermutations}`;
    await leave(run, kept);
    const before = readdirSync(studies.path(`${run}.partial`));
    const partial = await opened(run, 'resume');
    await expect(runStudy(study, studies.environment, { nPermutations, partial })).rejects.toThrow(
      `${run}.partial: 2 fits of label-permuted RDMs are kept, got ${nPermutations} asked for; give --tuning 2 or more, or start again with --restart`,
    );
    expect(readdirSync(studies.path(`${run}.partial`))).toEqual(before);
  });

  it('is gone on with by as many or more, and left by a restart', async () => {
    await leave('permuted', kept);
    for (const nPermutations of [2, 3]) {
      const partial = await opened('permuted', 'resume');
      await runStudy(study, studies.environment, { nPermutations, partial });
    }
    await runStudy(study, studies.environment, { partial: await opened('permuted', 'restart') });
  });
});

it('a fit that is to be started again is known to be there until its successor begins', async () => {
  expect((await leave('again')).earlierIsThere()).toBe(false);
  const partial = await opened('again', 'restart');
  expect([partial.kept(), partial.earlierIsThere()]).toEqual([undefined, true]);
  await withFitInput(
    study,
    studies.environment,
    async () => {},
    async (input) => {
      await partial.begin(input);
      expect([partial.earlierIsThere(), existsSync(studies.path('again.partial'))]).toEqual([false, false]);
    },
  );
  await leave('again');
  expect((await opened('again', 'resume')).earlierIsThere()).toBe(false);
});

it("somebody else's file in the folder keeps it there, which is said, and is no mistake once the run is in its place", async () => {
  const partial = await leave('noted');
  await studies.writeText('noted.partial/notes.txt', 'precious');
  await partial.remove();
  expect(studies.notices.at(-1)).toMatch(
    /noted\.partial: the run is in its place and nothing here is needed any more, but the folder cannot be removed \(.*holds notes\.txt too/,
  );
  expect(readdirSync(studies.path('noted.partial'))).toContain('notes.txt');
});

it('what a process left that was killed at its first checkpoint stands in no way', async () => {
  for (const mode of ['refuse', 'restart', 'resume-if-any'] as const) {
    await studies.writeText('killed.partial/.checkpoint.safetensors.4711-0a1b.tmp', 'half');
    const partial = await opened('killed', mode);
    await runStudy(study, studies.environment, { partial });
    await partial.remove();
    expect(existsSync(studies.path('killed.partial'))).toBe(false);
  }
});
