import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { UsageError } from '../../src/core/errors.ts';
import { withFileSource } from '../../src/host/index.ts';
import { demoResults, describeDemo } from '../../src/report/demo-text.ts';
import { DEMO_FILES, type DemoResult, runDemo } from '../../src/study/demo.ts';
import { readRun } from '../../src/study/runs/run-folder.ts';
import { scoreFiles } from '../../src/study/score.ts';
import { type TestStudies, testStudies } from './environment.ts';

let studies: TestStudies;
let result: DemoResult;

beforeAll(async () => {
  studies = await testStudies();
  result = await runDemo(studies.path('demo'), studies.environment, { nPermutations: 6 });
});

describe('the demo', () => {
  it('writes what its text names: study, images, RDMs, run, predicted RDM, and a note that all is simulated', () => {
    expect(readdirSync(studies.path('demo')).sort()).toEqual([
      'SIMULATION.txt',
      'labels.csv',
      'predicted.npz',
      'run',
      'study.yaml',
      'test',
      'training',
    ]);
    expect(readdirSync(studies.path('demo/training/images'))).toHaveLength(result.nTrainingImages);
    expect(readdirSync(studies.path('demo/test/images'))).toHaveLength(result.nTestImages);
    expect(result.nTrainingImages + result.nTestImages).toBeGreaterThanOrEqual(60);
    expect(result.nSubjects).toBe(15);
    expect(readFileSync(studies.path('demo/SIMULATION.txt'), 'utf8')).toContain('subjects that never lived');
    expect(readFileSync(studies.path('demo/study.yaml'), 'utf8')).toMatch(/^# A simulated study/);
  });

  it('recovers the stage that the subjects were made with, far from every label-permuted fit', () => {
    const k = result.run.tuning.stages.findIndex(({ stage }) => stage === 'layer2');
    const { share, permutedShares, z } = result.run.tuning.stages[k];
    expect(result.trueShares[k]).toBe(Math.max(...result.trueShares));
    expect(share).toBe(Math.max(...result.run.tuning.stages.map((stage) => stage.share)));
    expect(Math.abs(share - result.trueShares[k])).toBeLessThan(0.15);
    expect(share).toBeGreaterThan(Math.max(...permutedShares) + 0.1);
    expect(z).toBeGreaterThan(2);
  });

  it('predicts images that it never saw better than the untrained mask, within what the subjects allow', () => {
    const { rho, ceiling } = result;
    expect(rho.fitted).toBeGreaterThan(rho.untrained + 0.02);
    expect(rho.fitted).toBeLessThan(ceiling.upper.rho);
    expect(rho.truth).toBeGreaterThan(rho.untrained);
    expect(rho.truth).toBeLessThan(ceiling.upper.rho);
  });

  it('keeps test images out of what is learnt from', async () => {
    const [training, test] = ['training', 'test'].map((part) => readdirSync(studies.path(`demo/${part}/images`)));
    expect(training.filter((name) => test.includes(name))).toEqual([]);
    const { study } = await readRun(studies.path('demo/run'), studies.environment);
    expect(study.data.map(({ images }) => images)).toEqual([studies.path('demo/training/images')]);
  });

  it('prints the score that scoring its files gives', async () => {
    const file = (name: string) => join(studies.path('demo'), name);
    const report = await withFileSource(file(DEMO_FILES.predicted), (model) =>
      withFileSource(file(DEMO_FILES.testRdms), (target) => scoreFiles(model, target)),
    );
    expect(report.results[0].rho).toBeCloseTo(result.rho.fitted, 9);
    expect(report.results[0].ceiling!.upper.rho).toBeCloseTo(result.ceiling.upper.rho, 12);
  });

  it('gives the same again over an earlier one of the same seed and in another place, and another for another', async () => {
    const small = async (folder: string, seed: number) => {
      const options = { nImages: 12, nPermutations: 1, seed };
      const { run, rho } = await runDemo(studies.path(folder), studies.environment, options);
      return { rho, tuning: run.tuning, mask: run.encoder.mask };
    };
    const first = await small('small', 1);
    expect(await small('small', 1)).toEqual(first);
    expect(await small('elsewhere/small', 1)).toEqual(first);
    expect((await small('small', 2)).rho).not.toEqual(first.rho);
  });

  it("leaves a user's own folder alone, though it has a study.yaml as a demo has", async () => {
    await studies.writeText('mine/study.yaml', 'data: []');
    await expect(runDemo(studies.path('mine'), studies.environment)).rejects.toThrow(UsageError);
    expect(readdirSync(studies.path('mine'))).toEqual(['study.yaml']);
  });

  it('is described with the truth beside what was recovered, its scores beside their bounds, and the next commands', () => {
    const text = describeDemo(result);
    expect(text).toMatch(/^SIMULATION\. 72 drawn images; 15 simulated subjects/);
    expect(text).toMatch(/Fitted on 50 images, scored on the other 22\./);
    const { share, permuted, z, p } = result.run.tuning.stages[2];
    const row = text
      .split('\n')
      .find((line) => line.startsWith('layer2'))!
      .split(/ {2,}/);
    expect(row).toEqual([
      'layer2',
      result.trueShares[2].toFixed(3),
      share.toFixed(3),
      `${permuted!.mean.toFixed(3)} +- ${permuted!.sd!.toFixed(3)}`,
      z!.toFixed(1),
      p!.toFixed(3),
    ]);
    expect(text).toMatch(new RegExp(`fitted mask +${result.rho.fitted.toFixed(3)}`));
    expect(text).toMatch(new RegExp(`untrained mask \\(all ones\\) +${result.rho.untrained.toFixed(3)}`));
    expect(text).toContain(`${result.ceiling.lower.rho.toFixed(3)} ... ${result.ceiling.upper.rho.toFixed(3)}`);
    for (const command of ['fit', 'predict', 'score'])
      expect(text).toMatch(new RegExp(`^ {2}hypercolumn ${command} .*demo`, 'm'));
    for (const file of Object.values(DEMO_FILES)) if (file !== DEMO_FILES.note) expect(text).toContain(file);
  });

  it('says for scripts that it is a simulation, and holds the same numbers', () => {
    const json = JSON.parse(JSON.stringify(demoResults(result)));
    expect(json.simulation).toBe(true);
    expect(json.stages.map(({ stage, trueShare }: { stage: string; trueShare: number }) => [stage, trueShare])).toEqual(
      result.run.tuning.stages.map(({ stage }, k) => [stage, result.trueShares[k]]),
    );
    expect(json.rho).toEqual(result.rho);
  });
});
