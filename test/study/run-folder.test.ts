import { cpSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { FormatError, HypercolumnError, UsageError } from '../../src/core/errors.ts';
import { openFile } from '../../src/formats/open.ts';
import { withFileSource } from '../../src/host/index.ts';
import { runStudy, type StudyRun } from '../../src/study/run.ts';
import { RUN_FILES, readRun, writeRun } from '../../src/study/runs/run-folder.ts';
import { checkStudy } from '../../src/study/settings/study-file.ts';
import { featureArrays, subjectRdms, type TestStudies, testStudies } from './environment.ts';

const N = 8;
let studies: TestStudies;
let run: StudyRun;
let folder: string;

beforeAll(async () => {
  studies = await testStudies();
  const names = await studies.drawImages('images', N);
  await studies.writeArrays('features.npz', featureArrays(names));
  await studies.writeArrays('rdms.npz', { EVC: subjectRdms(N, 3) });
  const study = studies.study({
    backbone: { architecture: 'features:features.npz' },
    data: [{ images: 'images', rdms: 'rdms.npz', variable: 'EVC' }],
    training: { epochs: 3 },
  });
  run = await runStudy(study, studies.environment, { nPermutations: 2 });
  folder = studies.path('run');
  await writeRun(folder, run, studies.environment);
});

const bytesOf = (file: string, of = folder) => readFileSync(join(of, file));
const jsonOf = (file: string) => JSON.parse(bytesOf(file).toString());

describe('a run folder', () => {
  it('holds study, encoder, metrics, tuning, report and scores, and nothing else', () => {
    expect(readdirSync(folder).sort()).toEqual([
      'encoder.safetensors',
      'metrics.jsonl',
      'report.json',
      'scored.safetensors',
      'scores.json',
      'study.json',
      'tuning.json',
    ]);
  });

  it('is read back as it was written: the encoder to the last bit, the study with every setting', async () => {
    const { study, fits } = await readRun(folder, studies.environment);
    expect(study).toEqual(run.study);
    expect(fits).toEqual([{ encoder: run.encoder, featuresKey: run.features.key, tuned: undefined }]);
  });

  it('has a study.json that is a study file itself, with every default filled in and absolute paths', () => {
    const settings = jsonOf(RUN_FILES.study);
    expect(checkStudy(settings)).toEqual(settings);
    expect(settings.data[0]).toEqual({
      images: studies.path('images'),
      rdms: studies.path('rdms.npz'),
      variable: 'EVC',
    });
    expect(settings.training).toMatchObject({ epochs: 3, batch: 40, seed: 0 });
  });

  it('has an encoder that any reader of safetensors opens: mask, scale and readouts in float64', async () => {
    await withFileSource(join(folder, RUN_FILES.encoder), async (source) => {
      const { entries, metadata } = await openFile(source);
      const byName = Object.fromEntries(entries.map(({ name, dtype, shape }) => [name, { dtype, shape }]));
      expect(byName).toMatchObject({
        mask: { dtype: 'float64', shape: [36] },
        scale: { dtype: 'float64' },
        readouts: { dtype: 'float64', shape: [1, 2] },
      });
      expect(metadata).toMatchObject({ features: run.features.key, readouts: '["EVC"]' });
    });
  });

  it('has a line of metrics.jsonl an epoch', () => {
    const lines = bytesOf(RUN_FILES.metrics)
      .toString()
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines).toEqual(run.metrics);
    expect(Object.keys(lines[0])).toEqual(
      expect.arrayContaining(['epoch', 'trainingLoss', 'validationLoss', 'readouts']),
    );
  });

  it('has the tuning with every permuted share, and a report with scores and versions', () => {
    expect(jsonOf(RUN_FILES.tuning)).toEqual(run.tuning);
    expect(jsonOf(RUN_FILES.report)).toEqual({
      version: 1,
      hypercolumn: studies.environment.version,
      engine: studies.environment.engine.name,
      features: run.features,
      ground: run.ground,
      keptEpoch: 3,
      sets: run.sets,
      fits: [{ seed: 0, features: run.features, tuned: false, epochs: 3, keptEpoch: 3, sets: run.sets }],
    });
  });

  it('holds an encoder a seed and the metrics of each, and scores the mean of their predictions', async () => {
    const study = studies.study({
      backbone: { architecture: 'features:features.npz' },
      data: [{ images: 'images', rdms: 'rdms.npz', variable: 'EVC' }],
      training: { epochs: 3, batch: 4, learningRate: 0.2, seed: 7, seeds: 2 },
    });
    const ofSeeds = await runStudy(study, studies.environment);
    const seeds = studies.path('seeds');
    await writeRun(seeds, ofSeeds, studies.environment);
    expect(readdirSync(seeds)).toEqual(expect.arrayContaining(['encoder.safetensors', 'encoder.2.safetensors']));
    const { fits } = await readRun(seeds, studies.environment);
    expect(fits.map(({ encoder }) => encoder)).toEqual(ofSeeds.fits.map(({ encoder }) => encoder));
    const alone = await runStudy({ ...study, training: { ...study.training, seed: 8, seeds: 1 } }, studies.environment);
    expect(fits[1].encoder).toEqual(alone.encoder);
    const lines = bytesOf(RUN_FILES.metrics, seeds).toString().trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line).seed)).toEqual([7, 7, 7, 8, 8, 8]);
    const report = JSON.parse(bytesOf(RUN_FILES.report, seeds).toString());
    const [low, high] = ofSeeds.fits.map((fit) => fit.sets[0].training.rho).sort((a, b) => a - b);
    expect(report.sets[0].rhoOverSeeds).toEqual({
      training: { min: low, max: high, sd: expect.closeTo((high - low) / Math.SQRT2, 12) },
      heldOut: null,
    });
    expect(report.fits.map(({ seed }: { seed: number }) => seed)).toEqual([7, 8]);
    expect(report.fits[1].sets).toEqual(alone.sets);
    expect(report.sets).not.toEqual(report.fits[0].sets);
    await writeRun(seeds, run, studies.environment); // and what a run of fewer seeds does not have goes
    expect(readdirSync(seeds)).not.toContain('encoder.2.safetensors');
  });

  it('holds the same bytes when the same study is fitted again', async () => {
    const again = studies.path('again');
    await writeRun(again, await runStudy(run.study, studies.environment, { nPermutations: 2 }), studies.environment);
    for (const file of readdirSync(folder)) expect(bytesOf(file, again).equals(bytesOf(file)), file).toBe(true);
  });

  it('is replaced as a whole, and stays as it was where writing fails on the way', async () => {
    const target = studies.path('replaced');
    await writeRun(target, run, studies.environment);
    const before = bytesOf(RUN_FILES.report, target);
    let nFiles = 0;
    const fullDisk = {
      ...studies.environment,
      writeFile: async (...args: Parameters<typeof studies.environment.writeFile>) => {
        if (++nFiles > 3) throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
        await studies.environment.writeFile(...args);
      },
    };
    await expect(writeRun(target, { ...run, keptEpoch: 2 }, fullDisk)).rejects.toThrow('ENOSPC');
    expect(bytesOf(RUN_FILES.report, target).equals(before)).toBe(true);
    await writeRun(target, { ...run, keptEpoch: 2 }, studies.environment);
    expect(JSON.parse(bytesOf(RUN_FILES.report, target).toString()).keptEpoch).toBe(2);
    expect(readdirSync(studies.path('.')).filter((name) => name.startsWith('.'))).toEqual([]);
  });

  it("does not take the place of a folder that holds a user's own study.json, nor of a run with notes beside", async () => {
    await studies.writeText('mine/study.json', '{}');
    await expect(writeRun(studies.path('mine'), run, studies.environment)).rejects.toThrow(
      /mine: the folder holds other files and no encoder\.safetensors, so it is left alone; choose another --out$/,
    );
    await writeRun(studies.path('noted'), run, studies.environment);
    await studies.writeText('noted/notes.txt', 'precious');
    await expect(writeRun(studies.path('noted'), run, studies.environment)).rejects.toThrow(UsageError);
    expect(readFileSync(studies.path('noted/notes.txt'), 'utf8')).toBe('precious');
  });
});

describe('readRun refuses', () => {
  let copy: string;
  beforeEach(() => {
    copy = studies.path('copy');
    rmSync(copy, { recursive: true, force: true });
    cpSync(folder, copy, { recursive: true });
  });
  const edit = (file: string, change: (text: string) => string) =>
    writeFileSync(join(copy, file), change(bytesOf(file, copy).toString()));

  it.each<[string, () => void, new (...args: never[]) => HypercolumnError, RegExp]>([
    [
      'a folder that is not there',
      () => rmSync(copy, { recursive: true }),
      UsageError,
      /copy: expected the folder of a run with study\.json; make one with hypercolumn fit$/,
    ],
    [
      'a folder without its encoder',
      () => rmSync(join(copy, RUN_FILES.encoder)),
      UsageError,
      /encoder\.safetensors: there is no such file/,
    ],
    [
      'a study.json that is half there',
      () => edit(RUN_FILES.study, (text) => text.slice(0, 100)),
      FormatError,
      /study\.json: expected JSON; run hypercolumn fit again/,
    ],
    [
      'a setting that a hand put in',
      () => edit(RUN_FILES.study, (text) => text.replace('"epochs": 3', '"epochs": -3')),
      UsageError,
      /study\.json: training\.epochs: expected a number above 0, got -3$/,
    ],
    [
      'a study.json of another time, with settings that there are no longer',
      () => edit(RUN_FILES.study, (text) => text.replace('"epochs"', '"rounds"')),
      UsageError,
      /study\.json: training: there is no setting rounds/,
    ],
    [
      'an encoder that is cut off',
      () => truncateSync(join(copy, RUN_FILES.encoder), 700),
      FormatError,
      /encoder\.safetensors/,
    ],
    [
      'an encoder that is empty',
      () => truncateSync(join(copy, RUN_FILES.encoder), 0),
      FormatError,
      /encoder\.safetensors/,
    ],
    [
      'another file in its place',
      () => cpSync(studies.path('rdms.npz'), join(copy, RUN_FILES.encoder)),
      FormatError,
      /encoder\.safetensors: expected an encoder written by hypercolumn fit/,
    ],
  ])('%s', async (_, damage, kind, message) => {
    damage();
    const failing = readRun(copy, studies.environment);
    await expect(failing).rejects.toThrow(kind);
    await expect(failing).rejects.toThrow(message);
  });

  it('an encoder of another version of the format', async () => {
    const bytes = bytesOf(RUN_FILES.encoder, copy);
    const at = bytes.indexOf('hypercolumn-encoder-');
    bytes.write('9', at + 'hypercolumn-encoder-'.length);
    writeFileSync(join(copy, RUN_FILES.encoder), bytes);
    const failing = readRun(copy, studies.environment);
    await expect(failing).rejects.toThrow(FormatError);
    await expect(failing).rejects.toThrow(
      /expected an encoder \(format hypercolumn-encoder-\d+ in its metadata\), got hypercolumn-encoder-9/,
    );
  });

  it('an encoder with a mask value that is no number', async () => {
    const bytes = bytesOf(RUN_FILES.encoder, copy);
    const header = Number(bytes.readBigUInt64LE(0));
    const { mask } = JSON.parse(bytes.subarray(8, 8 + header).toString());
    bytes.writeDoubleLE(Number.NaN, 8 + header + mask.data_offsets[0] + 8 * 4);
    writeFileSync(join(copy, RUN_FILES.encoder), bytes);
    await expect(readRun(copy, studies.environment)).rejects.toThrow(
      /tensor mask, value 5: expected finite numbers, got NaN$/,
    );
  });

  it('nothing where some byte of the encoder changes silently: it is an error of ours or another number', async () => {
    const bytes = bytesOf(RUN_FILES.encoder, copy);
    for (let at = 0; at < 400; at += 7) {
      const damaged = Uint8Array.from(bytes);
      damaged[at] ^= 0x55;
      writeFileSync(join(copy, RUN_FILES.encoder), damaged);
      const result = await readRun(copy, studies.environment).catch((error: unknown) => error);
      if (result instanceof Error) expect(result, `byte ${at}`).toBeInstanceOf(HypercolumnError);
    }
  });
});
