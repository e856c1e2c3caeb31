import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { temporaryFolder } from '../host/temporary-folder.ts';
import { writeDrawnStudy } from './drawn-study.ts';

test('examples/simulation.ts says how well the true shares come back, and how often a study like this beats chance', async () => {
  const folder = temporaryFolder();
  await writeDrawnStudy(folder);
  vi.stubEnv('HYPERCOLUMN_CACHE', join(folder, 'cache'));
  const log = vi.spyOn(console, 'log').mockImplementation(() => {});
  process.argv.splice(2, Number.POSITIVE_INFINITY, join(folder, 'training', 'images'), '2');
  const { power, recovery } = await import('../../examples/simulation.ts');
  vi.unstubAllEnvs();

  expect(recovery.stages.map(({ stage }) => stage)).toEqual(['layer0', 'layer1', 'layer2', 'layer3', 'layer4']);
  expect(recovery.shareError.fitted).toBeLessThan(recovery.shareError.untrained);
  expect([0, 0.5, 1]).toContain(power);
  expect(log).toHaveBeenCalledTimes(6);
  expect(log).toHaveBeenLastCalledWith(`power at alpha 0.05: ${power}`);
});
