import { float64Array } from '../../src/formats/array.ts';
import type { ChallengeSizes } from '../../src/study/reproduce/challenge-data.ts';
import { subjectRdms, type TestStudies } from './environment.ts';

/** Sets as small as a rank correlation of their held-out images allows. */
export const SMALL_SIZES: ChallengeSizes = { training: [32, 34], test: 8 };

/** How a small folder of the challenge's data is laid out. */
export interface SmallChallenge {
  /** As its download, or plainly as 92/images. */
  readonly layout: 'download' | 'plain';
  /** Times of the MEG RDMs. */
  readonly nTimes: number;
  readonly testRdms?: boolean;
}

/** Draws image sets and subjects' RDMs, and lays them out as the challenge's. */
export async function drawChallenge(
  studies: TestStudies,
  folder: string,
  { layout, nTimes, testRdms = false }: SmallChallenge,
): Promise<string> {
  const { training, test } = SMALL_SIZES;
  for (const n of [...training, test]) {
    const isTest = n === test;
    const place = `${folder}/${layout === 'plain' ? n : isTest ? 'Test_Data' : `Training_Data/${n}_Image_Set`}`;
    await studies.drawImages(`${place}/${layout === 'plain' ? 'images' : `${n}images`}`, n, n);
    if (isTest && !testRdms) continue;
    const fmri = { EVC_RDMs: subjectRdms(n, 3, n), IT_RDMs: subjectRdms(n, 3, n + 50) };
    await studies.writeArrays(`${place}/target_fmri.mat`, fmri);
    const meg = { MEG_RDMs_early: timedRdms(n, nTimes, n + 100), MEG_RDMs_late: timedRdms(n, nTimes, n + 150) };
    if (layout === 'download') await studies.writeArrays(`${place}/target_meg.mat`, meg);
    else {
      await studies.writeArrays(`${place}/meg_early_tavg.npy`, { data: meg.MEG_RDMs_early });
      await studies.writeArrays(`${place}/meg_late_tavg.npy`, { data: meg.MEG_RDMs_late });
    }
  }
  return studies.path(folder);
}

/** 3 subjects x times x n x n, or 3 x n x n where there is one time. */
function timedRdms(n: number, nTimes: number, seed: number) {
  const times = Array.from({ length: nTimes }, (_, time) => subjectRdms(n, 3, seed + time).data as Float64Array);
  if (nTimes === 1) return float64Array([3, n, n], [...times[0]]);
  const subjects = [0, 1, 2].map((subject) =>
    times.map((rdms) => [...rdms.subarray(subject * n * n, (subject + 1) * n * n)]),
  );
  return float64Array([3, nTimes, n, n], subjects.flat(2));
}
