import { readFileSync, rmSync } from 'node:fs';
import { Command } from 'commander';
import { beforeAll, describe, expect, it } from 'vitest';
import { addExport } from '../../src/cli/commands/export.ts';
import { UsageError } from '../../src/core/errors.ts';
import { openFile } from '../../src/formats/open.ts';
import { bytesSource } from '../../src/formats/source.ts';
import { readRdmStack } from '../../src/study/rdms/targets.ts';
import { writeScored } from '../../src/study/runs/scored-files.ts';
import type { ScoredSet } from '../../src/study/scoring/scored-set.ts';
import { drawScoredSet } from '../report/report-fixture.ts';
import { type TestStudies, testStudies } from '../study/environment.ts';

let studies: TestStudies;
let set: ScoredSet;

beforeAll(async () => {
  studies = await testStudies();
  set = {
    ...(await drawScoredSet({ name: 'EVC', nImages: 5, nSubjects: 3, rivals: ['pixels'] })),
    ...{ source: { rdms: 'rdms.npz' }, digests: { images: 'i', rdms: 'r' }, labels: null },
  };
  for (const name of ['run', 'older']) {
    const study = studies.study({ data: [{ images: 'images', rdms: 'rdms.npz' }] });
    await studies.writeText(`${name}/study.json`, JSON.stringify(study));
  }
  await writeRun();
});

async function writeRun(): Promise<void> {
  const learnt = { names: [], thumbnails: { pixels: new Uint8Array(0), sizes: new Uint32Array(0) } };
  await writeScored(studies.path('run'), { scored: [set], learnt }, studies.environment);
}

/** Runs the command in this process; gives what it says. */
async function run(...args: string[]): Promise<string[]> {
  const said: string[] = [];
  const program = new Command().exitOverride().configureOutput({ writeErr: () => {} });
  addExport(program, { result: () => {}, say: (text) => void said.push(text), onProgress: () => {} });
  for (const command of program.commands) command.exitOverride().configureOutput({ writeErr: () => {} });
  await program.parseAsync(['export', ...args], { from: 'user' });
  return said;
}
const out = (name: string) => studies.path(name);
const opened = (name: string) => openFile(bytesSource(name, readFileSync(out(name))));

describe('hypercolumn export', () => {
  it('writes what the ending says, and says what it wrote', async () => {
    expect(await run(out('run'), '--out', out('all.h5'))).toEqual([
      `Wrote fit, mean of 3 subjects, pixels of EVC to ${out('all.h5')}.`,
    ]);
    const stack = await readRdmStack(await opened('all.h5'), { path: 'all.h5' });
    expect(stack).toMatchObject({ nSubjects: 3, conditions: set.conditions });
    expect(stack.values.subarray(0, 10)).toEqual(set.predicted);
    expect(stack.values.subarray(10, 20)).toEqual(set.measured.mean);
  });

  it('writes one part in the format that is named, whatever the ending', async () => {
    const file = out('scores.txt');
    expect(await run(out('run'), '--out', file, '--what', 'scores', '--to', 'csv', '--set', 'EVC')).toEqual([
      `Wrote scores of EVC to ${file}.`,
    ]);
    expect(readFileSync(file, 'utf8').split('\n')).toHaveLength(4);
  });

  it('writes a .mat whose prediction scores as a model', async () => {
    await run(out('run'), '--out', out('predicted.mat'), '--what', 'predicted');
    const stack = await readRdmStack(await opened('predicted.mat'), { path: 'predicted.mat', variable: 'predicted' });
    expect(stack).toMatchObject({ nSubjects: 1, conditions: set.conditions, values: set.predicted });
  });

  it.each<[string, () => string[], RegExp]>([
    ['no run', () => [out('nothing'), '--out', out('a.csv')], /nothing: expected the folder of a run with study\.json/],
    [
      'a run of an older version',
      () => [out('older'), '--out', out('a.csv')],
      /older: .*older holds no scores\.json.*; fit again/,
    ],
    [
      'an ending that means nothing',
      () => [out('run'), '--out', out('a.doc')],
      /a\.doc: expected a name that ends in \.h5/,
    ],
    [
      'a part that there is none of',
      () => [out('run'), '--out', out('a.csv'), '--what', 'masks'],
      /Allowed choices are all, predicted/,
    ],
    [
      'a set that there is none of',
      () => [out('run'), '--out', out('a.csv'), '--set', 'IT'],
      /--set IT: expected one of .*, EVC/,
    ],
    ['a place that cannot be', () => [out('run'), '--out', out('run/study.json/a.csv')], /study\.json/],
  ])('refuses %s with a sentence, and writes nothing', async (_, args, message) => {
    await expect(run(...args())).rejects.toThrow(message);
    expect(() => readFileSync(out('a.csv'))).toThrow();
  });

  it('names what is damaged in a run that was edited by hand', async () => {
    rmSync(out('run/scored.safetensors'));
    await expect(run(out('run'), '--out', out('b.csv'))).rejects.toThrow(UsageError);
    await expect(run(out('run'), '--out', out('b.csv'))).rejects.toThrow(/scored\.safetensors: there is no such file/);
    await writeRun();
    await run(out('run'), '--out', out('b.csv'));
  });
});
