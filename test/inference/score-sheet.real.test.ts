import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openFile } from '../../src/formats/open.ts';
import { withFileSource } from '../../src/host/files.ts';
import { scoreSheet } from '../../src/inference/score-sheet.ts';
import { sharedSignal } from '../../src/inference/shared-signal.ts';
import { BENCHMARKS, publishedCeiling } from '../../src/rdm/benchmarks.ts';
import type { RdmStack } from '../../src/rdm/rdm.ts';
import { rdmVariables, readRdmStack } from '../../src/study/rdms/targets.ts';
import golden from '../golden/challenge/expected.json' with { type: 'json' };
import { meanOfSubjects } from './drawn-subjects.ts';

const DATA = join(process.env['HYPERCOLUMN_DATA']!, 'data', 'algonauts2019');

describe.each(['92', '118'] as const)("on the challenge's %s images", (set) => {
  it.each(['EVC_RDMs', 'IT_RDMs'] as const)(
    "%s: ceilings are scipy's, and the subjects share a signal",
    async (variable) => {
      const target = await stackOf(`${set}/target_fmri.mat`, variable);
      const { lower, upper } = golden.ceilings[set][variable];
      const found = await sharedSignal(target);
      expect(found!.lower).toBeCloseTo(lower.rho, 10);
      expect(found!.upperR2).toBeCloseTo(upper.r2, 10);
      // IT of the 118 images has next to none.
      expect(found!.p).toBeLessThanOrEqual(set === '118' && variable === 'IT_RDMs' ? 0.05 : 1 / 200);
      // Much of an upper ceiling is there without any shared signal: subjects are in their own mean.
      expect(found!.shuffledUpperR2.mean / upper.r2).toBeGreaterThan(0.15);
    },
  );

  it('chance reaches percents of the published ceiling, as measured apart, and a model of MEG is above it', async () => {
    const meg = meanOfSubjects(await stackOf(`${set}/meg_early_tavg.npy`));
    const target = { ...(await stackOf(`${set}/target_fmri.mat`, 'EVC_RDMs')), conditions: null };
    const ceiling = publishedCeiling(BENCHMARKS[`algonauts2019-${set}`], 'EVC_RDMs');
    const sheet = await scoreSheet([{ name: 'MEG', rdm: meg }], target, { nSamples: 50, ceiling });
    const { official, permutation } = sheet.models[0];
    expect(official.floor!.percent!.mean).toBeGreaterThan(1);
    expect(official.floor!.percent!.mean).toBeLessThan(5);
    expect(official.percentOfCeiling).toBeGreaterThan(official.floor!.percent!.percentile95);
    expect(permutation!.p).toBeLessThan(0.01);
    expect(sheet.warnings).toEqual([]);
  });
});

async function stackOf(path: string, variable?: string): Promise<RdmStack> {
  return withFileSource(join(DATA, path), async (source) => {
    const file = await openFile(source);
    return readRdmStack(file, { path, variable: variable ?? rdmVariables(file, path)[0], onNotice: () => {} });
  });
}
