import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll } from 'vitest';
import { float64Array } from '../../src/formats/array.ts';
import { type NamedArrays, saveArrays } from '../../src/formats/save.ts';
import { encodePng } from '../../src/host/index.ts';
import { nodeEnvironment } from '../../src/node.ts';
import { drawStimuli } from '../../src/simulation/stimuli.ts';
import type { Environment } from '../../src/study/environment.ts';
import { resolvePaths } from '../../src/study/settings/paths.ts';
import { checkStudy, type Study } from '../../src/study/settings/study-file.ts';
import { drawFeatures, STAGES } from '../simulation/small-study.ts';
import { squareRdm, textsOf } from './memory-files.ts';

/** A folder to run studies in, on this machine's engine and files. */
export interface TestStudies {
  readonly environment: Environment;
  /** Everything that was said, in order. */
  readonly notices: string[];
  /** A file's path in the folder. */
  path(name: string): string;
  /** Draws images into a folder; the names are those of `drawStimuli`. */
  drawImages(folder: string, nImages: number, seed?: number): Promise<string[]>;
  writeText(name: string, text: string): Promise<string>;
  writeArrays(name: string, arrays: NamedArrays): Promise<string>;
  /** A study with its defaults, its paths in the folder. */
  study(settings: StudySettings): Study;
}

/** What a study file holds, where only data is asked for. */
export interface StudySettings {
  readonly backbone?: object;
  readonly encoder?: object;
  readonly data: readonly object[];
  readonly training?: object;
  readonly test?: readonly object[];
  readonly scoring?: object;
}

/** For tests that look at something else than scores. */
const QUICK_SCORING = { rivals: 'none', samples: 20, permutations: 20 };

/** Makes such a folder, which is gone when the test file is done. Statistics are cached in it. */
export async function testStudies(): Promise<TestStudies> {
  const folder = mkdtempSync(join(tmpdir(), 'hypercolumn-study-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const notices: string[] = [];
  const environment = await nodeEnvironment({
    cache: join(folder, 'cache'),
    threads: 1,
    onNotice: (notice) => notices.push(notice),
  });
  const path = (name: string) => join(folder, name);
  return {
    // Each notice is said once a command; here many studies run in one environment.
    environment: { ...environment, onNotice: (notice) => void notices.push(notice) },
    notices,
    path,
    async drawImages(name, nImages, seed = 0) {
      await mkdir(path(name), { recursive: true });
      const stimuli = drawStimuli({ nImages, seed, size: 32 });
      for (const stimulus of stimuli) {
        await writeFile(join(path(name), stimulus.name), await encodePng(await stimulus.decode()));
      }
      return stimuli.map((stimulus) => stimulus.name);
    },
    async writeText(name, text) {
      await mkdir(dirname(path(name)), { recursive: true });
      await writeFile(path(name), text);
      return path(name);
    },
    async writeArrays(name, arrays) {
      mkdirSync(dirname(path(name)), { recursive: true });
      await environment.writeFile(path(name), (sink) => saveArrays(sink, name.replace(/^.*\./, ''), arrays));
      return path(name);
    },
    study: (settings) =>
      resolvePaths(
        checkStudy({ backbone: { architecture: 'gabor', preprocess: 'squash' }, scoring: QUICK_SCORING, ...settings }),
        path,
      ),
  };
}

/** RDMs that differ from subject to subject around one that they share, nSubjects x n x n. */
export function subjectRdms(n: number, nSubjects: number, seed = 0) {
  const shared = squareRdm(n, seed);
  const subjects = Array.from({ length: nSubjects }, (_, subject) => {
    const own = squareRdm(n, seed + subject + 1);
    return shared.map((row, i) => row.map((value, j) => value + 0.5 * own[i][j]));
  });
  return float64Array([nSubjects, n, n], subjects.flat(2));
}

/** Activations of images as `features:FILE` takes them: three small stages that differ from each other, and the images' names. */
export function featureArrays(names: readonly string[], seed = 0): NamedArrays {
  const features = drawFeatures(names.length, seed);
  const stages = STAGES.map(({ name, channels, height, width }, k) => [
    name,
    float64Array(
      [names.length, channels, height, width],
      features.flatMap((image) => [...image[k]]),
    ),
  ]);
  return { ...Object.fromEntries(stages), names: textsOf(names) };
}
