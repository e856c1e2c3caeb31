import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { RUN_FILES } from 'hypercolumn';
import { expect, test, vi } from 'vitest';
import { temporaryFolder } from '../host/temporary-folder.ts';
import { writeDrawnStudy } from './drawn-study.ts';

test('examples/main-job.ts fits, scores images it has not seen beside rivals, and shows it', async () => {
  const folder = temporaryFolder();
  const { testImages } = await writeDrawnStudy(folder);
  vi.stubEnv('HYPERCOLUMN_CACHE', join(folder, 'cache'));
  vi.spyOn(console, 'error').mockImplementation(() => {});
  const log = vi.spyOn(console, 'log').mockImplementation(() => {});
  process.argv[2] = folder;
  const { sheet, page } = await import('../../examples/main-job.ts');
  vi.unstubAllEnvs();

  const { command: _, ...written } = RUN_FILES; // no command made this run
  expect(readdirSync(join(folder, 'run'))).toEqual(expect.arrayContaining(Object.values(written)));
  expect(testImages).toHaveLength(9);
  const [fit, ...rivals] = sheet.models;
  expect(fit.rhoBySubject).toHaveLength(5);
  // Three standard deviations of Spearman's rho between 36 unrelated pairs of values, 1 / sqrt(35) each.
  expect(fit.rho).toBeGreaterThan(0.5);
  expect(rivals.map(({ name }) => name)).toEqual(expect.arrayContaining(['pixels', 'unweighted', 'nnls', 'ridge']));
  expect(log).toHaveBeenCalledWith(
    expect.stringMatching(/^fit: rho 0\.\d{3}, 95 % interval -?\d\.\d{3} to \d\.\d{3}$/),
  );
  expect(readFileSync(page, 'utf8')).toMatch(/^<!doctype html>/i);
});
