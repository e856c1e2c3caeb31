import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { UsageError } from '../../src/core/errors.ts';
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

describe('a checkpoint that was edited by hand', () => {
  type Document = Record<'ground' | 'finished' | 'permuted', unknown>;
  const file = (run: string) => studies.path(`${run}.partial/checkpoint.safetensors`);
  /** Writes the file anew with another document in its metadata. */
  const edit = (run: string, change: (document: Document) => void) => {
    const bytes = readFileSync(file(run));
    const length = Number(bytes.readBigUInt64LE(0));
    const header = JSON.parse(bytes.subarray(8, 8 + length).toString());
    const document = JSON.parse(header.__metadata__.fit);
    change(document);
    header.__metadata__.fit = JSON.stringify(document);
    const text = Buffer.from(JSON.stringify(header));
    const size = Buffer.alloc(8);
    size.writeBigUInt64LE(BigInt(text.length));
    writeFileSync(file(run), Buffer.concat([size, text, bytes.subarray(8 + length)]));
  };
  const ground = (document: Document) => document.ground as Record<string, Record<string, unknown>>;
  const through = (document: Document) => (document.finished as Record<string, unknown>[])[0];
  const under = (change: object) => (document: Document) => {
    const progress = { epoch: 2, step: 0, lossSum: 0, sampler: [1, 2, 3, 4, 5], keptEpoch: 0 };
    const { metrics } = through(document);
    document.finished = [];
    Object.assign(document, {
      at: { progress: { ...progress, metrics: (metrics as unknown[]).slice(0, 1), ...change }, values: { step: 1 } },
    });
  };

  it.each<[string, (document: Document) => void]>([
    ['no ground', (document) => Object.assign(document, { ground: null })],
    ['no study', (document) => delete ground(document)['study']],
    ['no settings of training', (document) => Object.assign(ground(document)['study'], { training: null })],
    ['a study that is none', (document) => Object.assign(ground(document)['study'], { encoder: 'x' })],
    ['no network', (document) => delete ground(document)['network']],
    ['data without digests', (document) => Object.assign(ground(document), { data: [{}] })],
    ['no digests', (document) => Object.assign(ground(document), { data: [] })],
    ['a fit that is none', (document) => Object.assign(document, { finished: [{}] })],
    ['a fit of other data sets', (document) => Object.assign(through(document), { heldOut: [] })],
    ['more fits than seeds', (document) => (document.finished as unknown[]).push(through(document))],
    ['a permuted fit that is none', (document) => Object.assign(document, { permuted: [{ shares: ['x'] }] })],
    ['an epoch without metrics', under({ metrics: [] })],
    ['an epoch that is none', under({ epoch: null })],
    ['an epoch after the last', under({ epoch: 4 })],
    ['a sampler that is none', under({ sampler: [] })],
    ['a kept epoch that is to come', under({ keptEpoch: 2 })],
    ['steps that are none', under({ step: 'x' })],
  ])('is refused in one sentence where it has %s', async (what, change) => {
    const run = `edited ${what}`;
    await leave(run);
    edit(run, change);
    for (const mode of ['resume', 'refuse'] as const) {
      await expect(opened(run, mode)).rejects.toThrow(UsageError);
      await expect(opened(run, mode)).rejects.toThrow(
        /partial: what was kept of a fit cannot be read \(.*\); start again with --restart$/,
      );
    }
    await runStudy(study, studies.environment, { partial: await opened(run, 'restart') });
  });

  it('of a version whose studies had fewer settings is gone on with', async () => {
    await leave('older');
    edit('older', (document) => {
      delete ground(document)['study']['test'];
      delete ground(document)['study']['scoring'];
    });
    await runStudy(study, studies.environment, { partial: await opened('older', 'resume') });
    expect(studies.notices).toContainEqual(expect.stringContaining('older.partial: going on after its last epoch'));
  });

  it('without the encoder of a fit that is through is refused in one sentence', async () => {
    await leave('no encoder');
    rmSync(studies.path('no encoder.partial/encoder.safetensors'));
    const partial = await opened('no encoder', 'resume');
    await expect(runStudy(study, studies.environment, { partial })).rejects.toThrow(
      /partial: what was kept of a fit cannot be read \(.*encoder\.safetensors.*\); start again with --restart$/,
    );
  });
});
