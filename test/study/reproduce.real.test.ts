import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openFile } from '../../src/formats/open.ts';
import { listFolder } from '../../src/host/index.ts';
import { nodeEnvironment } from '../../src/node.ts';
import { describeReproduction } from '../../src/report/reproduce-text.ts';
import { withSource } from '../../src/study/environment.ts';
import { reproduce } from '../../src/study/reproduce/reproduce.ts';
import { temporaryFolder } from '../host/temporary-folder.ts';

const folder = process.env['HYPERCOLUMN_DATA']!;

/** Unloaded it takes three minutes; other tests may run beside it. */
const timeout = 1_200_000;

it('reproduce --quick fits all four configurations on the real data, and hands in 78 images', { timeout }, async () => {
  const out = temporaryFolder();
  const environment = await nodeEnvironment({ cache: join(out, 'cache') });
  const result = await reproduce(
    {
      data: join(folder, 'data', 'algonauts2019'),
      weights: join(folder, 'weights', 'resnet50.safetensors'),
      overrides: ['training.cliqueSize=40'], // fewer passes of an image than --quick alone
      ...{ out, quick: true, listFolder, resolvePath: (path) => path },
    },
    environment,
  );
  expect(result.network).toEqual({ architecture: 'resnet50', ofPaper: false });
  for (const { heldOut, test } of result.rows) {
    expect(test).toBeNull();
    expect(heldOut.map(({ heldOut: score }) => score?.nImages)).toEqual([9, 12]);
  }
  const early = result.rows.find(({ key }) => key === 'meg_early')!;
  for (const { heldOut } of early.heldOut) expect(heldOut!.rho).toBeGreaterThan(0.1);
  expect(describeReproduction(result)).toMatch(/^MEG early +51\.21 +- +-$/m);

  const arrays = [
    ['submit_fmri.mat', 'EVC_RDMs'],
    ['submit_fmri.mat', 'IT_RDMs'],
    ['submit_meg.mat', 'MEG_RDMs_early'],
    ['submit_meg.mat', 'MEG_RDMs_late'],
  ] as const;
  for (const [file, name] of arrays) {
    const value = await withSource(environment, join(out, file), async (source) => (await openFile(source)).read(name));
    expect(value).toMatchObject({ kind: 'numeric', dtype: 'float64', shape: [78, 78] });
    if (value.kind !== 'numeric') return;
    expect(Array.from(value.data, Number).every((each) => each >= 0 && each < 2)).toBe(true);
  }
});
