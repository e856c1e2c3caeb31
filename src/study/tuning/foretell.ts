import { describeDuration } from '../../core/duration.ts';
import type { Environment } from '../environment.ts';
import type { Study } from '../settings/study-file.ts';
import { FURTHER_SEEDS, SPLITS } from './further-fits.ts';
import { fitsInTurn } from './permuted-fits.ts';
import type { TuningOptions } from './tuning-of-fits.ts';

/** Computing that is not worth a sentence: the bar shows it. */
const SHORT_SECONDS = 60;

/**
 * Says what the fits of a tuning will cost, where that is much, and what is left out for its cost.
 * @returns says how long, once it is known what a fit takes
 */
export function foretellTuning(
  study: Pick<Study, 'encoder' | 'training'>,
  { nPermutations, stability }: TuningOptions,
  { onNotice }: Pick<Environment, 'onNotice'>,
): (secondsOfFit: number) => void {
  if (!fitsInTurn(study)) {
    const nFits = nPermutations + (stability ? FURTHER_SEEDS + SPLITS : 0);
    return (seconds) => {
      if (seconds * nFits < SHORT_SECONDS) return;
      const others = stability ? `, ${FURTHER_SEEDS} of other seeds and ${SPLITS} of other images` : '';
      onNotice(
        `tuning: ${nPermutations} fits of label-permuted RDMs${others} take about ${describeDuration(seconds * nFits)} of computing, which worker threads share`,
      );
    };
  }
  if (stability) {
    onNotice('tuning: fits of other seeds and splits are left out, since each would ask the network anew');
  }
  if (nPermutations === 0) return () => {};
  onNotice(
    `tuning: each of the ${nPermutations} fits of label-permuted RDMs asks the network anew and takes as long as the fit itself, one after the other`,
  );
  return (seconds) => onNotice(`tuning: ${nPermutations} fits take about ${describeDuration(seconds * nPermutations)}`);
}
