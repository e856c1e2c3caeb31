import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { RUN_FILES } from 'hypercolumn';
import { expect, test, vi } from 'vitest';
import { temporaryFolder } from '../host/temporary-folder.ts';
import { writeDrawnStudy } from './drawn-study.ts';

test('examples/main-job.ts fits, predicts images it has not seen, and scores what it predicted', async () => {
  const folder = temporaryFolder();
  const { testImages } = await writeDrawnStudy(folder);
  vi.stubEnv('HYPERCOLUMN_CACHE', join(folder, 'cache'));
  vi.spyOn(console, 'error').mockImplementation(() => {});
  const log = vi.spyOn(console, 'log').mockImplementation(() => {});
  process.argv[2] = folder;
  const { score } = await import('../../examples/main-job.ts');
  vi.unstubAllEnvs();

  expect(readdirSync(join(folder, 'run')).sort()).toEqual(Object.values(RUN_FILES).sort());
  expect(testImages).toHaveLength(9);
  expect(score.rhoBySubject).toHaveLength(5);
  // Three standard deviations of Spearman's rho between 36 unrelated pairs of values, 1 / sqrt(35) each.
  expect(score.rho).toBeGreaterThan(0.5);
  expect(log).toHaveBeenCalledWith(expect.stringMatching(/^rho 0\.\d{3} \+- 0\.\d{3} over 5 subjects$/));
});
