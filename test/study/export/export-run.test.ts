import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'csv-parse/sync';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expand, pairsOf } from '../../../src/core/condensed.ts';
import { UsageError } from '../../../src/core/errors.ts';
import { type NumericArray, type TextArray, toFloat64 } from '../../../src/formats/array.ts';
import { openFile } from '../../../src/formats/open.ts';
import { bytesSource, memorySink } from '../../../src/formats/source.ts';
import type { ExportFormat } from '../../../src/study/export/choices.ts';
import { exportFormat, writeExport } from '../../../src/study/export/export-run.ts';
import type { ExportSelection } from '../../../src/study/export/exported-sets.ts';
import type { ReportData } from '../../../src/study/runs/report-data.ts';
import type { ScoredSet } from '../../../src/study/scoring/scored-set.ts';
import { drawReport, drawScoredSet } from '../../report/report-fixture.ts';

const origin = { source: { rdms: '92/target_fmri.mat' }, digests: { images: 'i', rdms: 'r' } };
const names = ['a, "b".jpg', 'c;d.jpg', '=1+1', 'e f', 'g'];
let [evc, it_, other]: ScoredSet[] = [];
let data: ReportData;
beforeAll(async () => {
  const drawn = { nImages: 5, nSubjects: 3, rivals: ['pixels', 'layer0 alone'], names };
  const labels = ['x', 'x', 'y', 'y', 'y'];
  evc = { ...(await drawScoredSet({ ...drawn, name: 'EVC' })), ...origin, labels };
  it_ = {
    ...(await drawScoredSet({ ...drawn, name: 'IT', seed: 1, nSubjects: 1, rivals: ['pixels'] })),
    ...origin,
    labels,
  };
  other = { ...(await drawScoredSet({ name: 'EVC', role: 'held-out', nImages: 4, seed: 2 })), ...origin, labels: null };
  data = drawReport([evc, it_]);
});

async function bytesOf(format: ExportFormat, selection: ExportSelection = {}, run = data): Promise<Uint8Array> {
  const sink = memorySink();
  await writeExport(sink, run, format, selection);
  return sink.bytes().slice();
}
const textOf = async (format: ExportFormat, selection: ExportSelection = {}, run = data) =>
  new TextDecoder().decode(await bytesOf(format, selection, run));
const tableOf = async (selection: ExportSelection, run = data): Promise<Record<string, string>[]> =>
  parse(await textOf('csv', selection, run), { columns: true });

async function arraysOf(format: ExportFormat, selection: ExportSelection = {}, run = data) {
  const file = await openFile(bytesSource(`file.${format}`, await bytesOf(format, selection, run)));
  const arrays = await Promise.all(file.entries.map(async ({ name }) => [name, await file.read(name)] as const));
  return Object.fromEntries(arrays);
}

const check = fileURLToPath(new URL('../../golden/rsatoolbox-files/check.py', import.meta.url));
const hasH5py = spawnSync('/usr/bin/python3', ['-c', 'import h5py']).status === 0;
const folder = mkdtempSync(join(tmpdir(), 'export-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** What a user of rsatoolbox sees of a file. */
async function seenByRsatoolbox(selection: ExportSelection, run = data) {
  const path = join(folder, 'export.h5');
  writeFileSync(path, await bytesOf('rsatoolbox', selection, run));
  return JSON.parse(execFileSync('/usr/bin/python3', [check, path], { encoding: 'utf8' }));
}

describe('an export to rsatoolbox', () => {
  // h5py is Debian's, which a clone need not have; test/formats/hdf5-write.test.ts holds the layout to h5py's without it.
  it.skipIf(!hasH5py)('stacks the RDMs of sets of the same images and says of each what it is', async () => {
    const seen = await seenByRsatoolbox({});
    expect(seen).toEqual({
      dissimilarities: [
        ...[evc.predicted, evc.measured.mean, ...evc.rivals.map(({ values }) => values)],
        ...[it_.predicted, it_.measured.mean, it_.rivals[0].values],
      ].map((values) => [...values]),
      dtype: 'float64',
      dissimilarity_measure: 'mixed',
      descriptors: { run: 'runs/evc', hypercolumn: '0.1.0' },
      rdm_descriptors: {
        index: [0, 1, 2, 3, 4, 5, 6],
        name: ['fit', 'mean of 3 subjects', 'pixels', 'layer0 alone', 'fit', 'the subject', 'pixels'],
        kind: ['predicted', 'measured', 'rival', 'rival', 'predicted', 'measured', 'rival'],
        set: ['EVC', 'EVC', 'EVC', 'EVC', 'IT', 'IT', 'IT'],
      },
      pattern_descriptors: { index: [0, 1, 2, 3, 4], name: names, category: ['x', 'x', 'y', 'y', 'y'] },
    });
  });

  it.skipIf(!hasH5py)('keeps names beyond ASCII, and calls a prediction alone by its distance', async () => {
    const conditions = ['été', '顔', 'c', 'd', 'e'];
    const seen = await seenByRsatoolbox({ what: 'predicted', set: 'EVC' }, drawReport([{ ...evc, conditions }]));
    expect(seen.dissimilarity_measure).toBe('correlation');
    expect(seen.dissimilarities).toEqual([[...evc.predicted]]);
    expect(seen.pattern_descriptors.name).toEqual(conditions);
  });

  it('refuses sets of other images than each other, naming the way out, and scores', async () => {
    const mixed = drawReport([evc, other]);
    await expect(bytesOf('rsatoolbox', {}, mixed)).rejects.toThrow(
      new UsageError(
        "runs/evc: EVC (test) and EVC (held-out) are of other images, and rsatoolbox's file holds RDMs of the same; choose one with --set, there is EVC (test), EVC (held-out)",
      ),
    );
    await expect(bytesOf('rsatoolbox', { what: 'scores' })).rejects.toThrow(/--what scores: .*write \.csv or \.json/);
  });
});

describe('an export to .mat and .npz', () => {
  const textsIn = (value: unknown): string[] => {
    const { kind, data } = value as { kind: string; data: readonly (string | TextArray)[] };
    return data.map((item) => (kind === 'cell' ? (item as TextArray).data[0] : (item as string)));
  };

  it.each(['mat', 'npz'] as const)(
    'holds square RDMs, stacks of them and the scores of one set: .%s',
    async (format) => {
      const arrays = await arraysOf(format, { set: 'EVC' });
      const numbers = (name: string) => toFloat64((arrays[name] as NumericArray).data);
      expect(numbers('predicted')).toEqual(expand(evc.predicted, 5));
      expect(numbers('measured')).toEqual(expand(evc.measured.mean, 5));
      expect(numbers('measured_sd')).toEqual(expand(evc.measured.sd!, 5));
      expect((arrays['rivals'] as NumericArray).shape).toEqual([2, 5, 5]);
      expect(numbers('rivals').slice(25)).toEqual(expand(evc.rivals[1].values, 5));
      expect((arrays['stage_parts'] as NumericArray).shape).toEqual([5, 5, 5]);
      expect(numbers('stage_parts').slice(50, 75)).toEqual(expand(evc.stageParts!.subarray(20, 30), 5));
      expect(textsIn(arrays['names'])).toEqual(names);
      expect(textsIn(arrays['rival_names'])).toEqual(['pixels', 'layer0 alone']);
      expect(textsIn(arrays['stage_names'])).toEqual(['layer0', 'layer1', 'layer2', 'layer3', 'layer4']);
      expect(textsIn(arrays['models'])).toEqual(['fit', 'pixels', 'layer0 alone']);
      expect([...numbers('rho_by_subject')]).toEqual(evc.sheet.models.flatMap(({ rhoBySubject }) => rhoBySubject));
    },
  );

  it('follows names by those of several sets, as MATLAB takes them, each another', async () => {
    const odd = drawReport(['EVC: left', 'EVC/left', '顔'].map((name) => ({ ...evc, name })));
    const arrays = await arraysOf('mat', { what: 'predicted' }, odd);
    expect(Object.keys(arrays)).toEqual([
      'sets',
      ...['EVC_left', 'EVC_left_2', '_2'].flatMap((suffix) =>
        ['names', 'predicted', 'stage_parts', 'stage_names'].map((name) => `${name}_${suffix}`),
      ),
    ]);
    expect(textsIn(arrays['sets'])).toEqual(['EVC: left', 'EVC/left', '顔']);
  });

  it('has no deviation of a single subject, and no stage parts that are not known', async () => {
    const bare = drawReport([{ ...it_, stageParts: null, rivals: [] }]);
    expect(Object.keys(await arraysOf('npz', {}, bare))).toEqual([
      'names',
      'predicted',
      'measured',
      'models',
      'rho_by_subject',
    ]);
  });
});

describe('an export to .csv', () => {
  it('has a row a pair and set, and an empty cell where a set has no such value', async () => {
    const rows = await tableOf({});
    expect(Object.keys(rows[0])).toEqual([
      ...[
        'set',
        'role',
        'image_a',
        'image_b',
        'predicted',
        'measured_mean',
        'measured_sd',
        'rival_pixels',
        'rival_layer0 alone',
      ],
      ...['stage_layer0', 'stage_layer1', 'stage_layer2', 'stage_layer3', 'stage_layer4'],
    ]);
    expect(rows).toHaveLength(20);
    for (const [k, [i, j]] of [...pairsOf(5)].entries()) {
      expect(rows[k]).toMatchObject({ set: 'EVC', role: 'test', image_a: names[i], image_b: names[j] });
      expect(Number(rows[k]['predicted'])).toBe(evc.predicted[k]);
      expect(Number(rows[k]['measured_sd'])).toBe(evc.measured.sd![k]);
      expect(Number(rows[k]['stage_layer3'])).toBe(evc.stageParts![30 + k]);
      expect(rows[10 + k]).toMatchObject({ set: 'IT', measured_sd: '', 'rival_layer0 alone': '' });
      expect(Number(rows[10 + k]['rival_pixels'])).toBe(it_.rivals[0].values[k]);
    }
  });

  it.each([
    ['predicted', ['predicted', 'stage_layer0', 'stage_layer1', 'stage_layer2', 'stage_layer3', 'stage_layer4']],
    ['measured', ['measured_mean', 'measured_sd']],
    ['rivals', ['rival_pixels', 'rival_layer0 alone']],
  ] as const)('of %s alone has its columns', async (what, columns) => {
    expect(Object.keys((await tableOf({ what }))[0]).slice(4)).toEqual(columns);
  });

  it('of scores has a row a model and set with what its sheet says', async () => {
    const rows = await tableOf({ what: 'scores' });
    expect(rows.map(({ set, model }) => `${set} ${model}`)).toEqual([
      ...['EVC fit', 'EVC pixels', 'EVC layer0 alone', 'IT fit', 'IT pixels'],
    ]);
    const [fit] = evc.sheet.models;
    expect(Number(rows[0]['rho'])).toBe(fit.rho);
    expect(Number(rows[0]['rho_ci_low'])).toBe(fit.estimate!.interval[0]);
    expect(Number(rows[0]['p_permutation'])).toBe(fit.permutation!.p);
    expect(Number(rows[0]['percent_of_ceiling'])).toBe(fit.official.percentOfCeiling);
    expect(Number(rows[0]['ceiling_lower_rho'])).toBe(evc.sheet.ceilings!.raw.lower.rho);
    expect(Number(rows[0]['rho_subject_3'])).toBe(fit.rhoBySubject[2]);
    expect(rows[3]).toMatchObject({ n_subjects: '1', ceiling_lower_rho: '', rho_subject_2: '' });
    expect(JSON.stringify(rows)).not.toMatch(/nan|null|undefined/i);
    const warnings = (['learnt', 'left-out', 'left-out'] as const).map((code) => ({ code, text: 'a sentence' }));
    const warned = drawReport([{ ...evc, sheet: { ...evc.sheet, warnings } }]);
    expect((await tableOf({ what: 'scores' }, warned))[0]['warnings']).toBe('learnt left-out');
  });
});

describe('an export to .json', () => {
  it('holds everything plain, and what is not known as null', async () => {
    const document = JSON.parse(await textOf('json', {}, drawReport([evc, { ...it_, stageParts: null }])));
    expect(document).toMatchObject({
      format: 'hypercolumn-export-1',
      run: 'runs/evc',
      hypercolumn: '0.1.0',
      missing: [],
    });
    const [first, second] = document.sets;
    expect(first).toMatchObject({ name: 'EVC', role: 'test', images: names, categories: ['x', 'x', 'y', 'y', 'y'] });
    expect(first.rdms[1]).toEqual({
      ...{ name: 'mean of 3 subjects', kind: 'measured' },
      ...{ values: [...evc.measured.mean], sd: [...evc.measured.sd!] },
    });
    expect(first.stageParts[1]).toEqual({ stage: 'layer1', values: [...evc.stageParts!.subarray(10, 20)] });
    expect(first.scores).toEqual(JSON.parse(JSON.stringify(evc.sheet)));
    expect(second).toMatchObject({ rdms: [{}, { sd: null }, {}], stageParts: [] });
  });

  it('of scores holds no RDMs, and of RDMs no scores', async () => {
    expect(JSON.parse(await textOf('json', { what: 'scores' })).sets[0]).toMatchObject({ rdms: [], stageParts: [] });
    expect(JSON.parse(await textOf('json', { what: 'rivals' })).sets[0]).not.toHaveProperty('scores');
  });
});

describe('an export', () => {
  it.each(['rsatoolbox', 'mat', 'npz', 'csv', 'json'] as const)(
    'gives the same bytes for the same run: %s',
    async (format) => {
      expect(await bytesOf(format)).toEqual(await bytesOf(format));
    },
  );

  it('is told by the ending, and refuses one that means nothing', () => {
    expect(['a.h5', 'a.HDF5', 'b.mat', 'c.npz', 'd.csv', 'e.json'].map(exportFormat)).toEqual([
      ...['rsatoolbox', 'rsatoolbox', 'mat', 'npz', 'csv', 'json'],
    ]);
    expect(() => exportFormat('run.xlsx')).toThrow(
      'run.xlsx: expected a name that ends in .h5, .hdf5, .mat, .npz, .csv, .json; name the format with --to (rsatoolbox, mat, npz, csv, json)',
    );
  });

  it('refuses what the run does not have, naming what there is', async () => {
    await expect(bytesOf('csv', { set: 'V4' })).rejects.toThrow(
      new UsageError('--set V4: expected one of the sets that runs/evc was scored on, EVC, IT'),
    );
    const older = { ...drawReport([]), missing: ['scores: runs/evc holds no scores.json'] };
    await expect(bytesOf('csv', {}, older)).rejects.toThrow(
      /runs\/evc: expected RDMs .*, got none \(scores: runs\/evc holds no scores\.json\); fit again/,
    );
    const alone = drawReport([{ ...evc, rivals: [] }]);
    await expect(bytesOf('mat', { what: 'rivals' }, alone)).rejects.toThrow(/expected rivals .* scoring\.rivals: all/);
  });
});
