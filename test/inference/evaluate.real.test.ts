import { join } from 'node:path';
import { expect, it } from 'vitest';
import { seededRandom } from '../../src/core/random.ts';
import { openFile } from '../../src/formats/open.ts';
import { withFileSource } from '../../src/host/files.ts';
import { evaluate } from '../../src/inference/evaluate.ts';
import { permuteLabels } from '../../src/rdm/permuted-labels.ts';
import { makeRdm, makeRdmStack, type RdmStack } from '../../src/rdm/rdm.ts';
import { rdmVariables, readRdmStack } from '../../src/study/rdms/targets.ts';
import { meanOfSubjects } from './drawn-subjects.ts';

const DATA = join(process.env['HYPERCOLUMN_DATA']!, 'data', 'algonauts2019');
const N_PERMUTED = 50;
/** scipy.stats.t.ppf(0.975, 14): a t test over 15 subjects. */
const T_975 = 2.1448;

// Subjects of MEG as a model of those of fMRI, so that model and subjects have all the structure of real RDMs.
it("rejects few label-permuted models on the challenge's fMRI data, where a t test over subjects rejects many", async () => {
  const rejected = { ours: 0, naive: 0 };
  for (const set of ['92', '118']) {
    const meg = meanOfSubjects(await stackOf(`${set}/meg_early_tavg.npy`));
    const single = makeRdmStack(meg.values, { nSubjects: 1 });
    for (const variable of ['EVC_RDMs', 'IT_RDMs']) {
      const target = { ...(await stackOf(`${set}/target_fmri.mat`, variable)), conditions: null };
      const random = seededRandom(Number(set));
      const models = Array.from({ length: N_PERMUTED }, (_, k) => ({
        name: `${k}`,
        rdm: makeRdm(permuteLabels(single, random.permutation(target.nConditions)).values),
      }));
      const result = await evaluate(models, target, { nSamples: 100, nPermutations: 0 });
      for (const { aboveZero, score, scoreBySubject } of result.models) {
        const squares = scoreBySubject.reduce((sum, value) => sum + (value - score.value) ** 2, 0);
        const naive = score.value / Math.sqrt(squares / 14 / 15);
        rejected.ours += aboveZero!.p <= 0.05 ? 1 : 0;
        rejected.naive += Math.abs(naive) > T_975 ? 1 : 0;
      }
    }
  }
  expect(rejected.ours / (4 * N_PERMUTED)).toBeGreaterThan(0.01);
  expect(rejected.ours / (4 * N_PERMUTED)).toBeLessThan(0.09);
  expect(rejected.naive / (4 * N_PERMUTED)).toBeGreaterThan(0.15);
});

async function stackOf(path: string, variable?: string): Promise<RdmStack> {
  return withFileSource(join(DATA, path), async (source) => {
    const file = await openFile(source);
    return readRdmStack(file, { path, variable: variable ?? rdmVariables(file, path)[0], onNotice: () => {} });
  });
}
