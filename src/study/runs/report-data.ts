import type { EpochMetrics } from '../../training/options.ts';
import type { ScoredSet } from '../scoring/scored-set.ts';
import type { SetScore, SetSummary } from '../set-summary.ts';
import type { Study } from '../settings/study-file.ts';
import type { RunTuning } from '../tuning.ts';

/** A score, as report.json keeps it. */
export type StoredScore = Omit<SetScore, 'rhoStandardError'>;

/** A data set's short scores, as report.json keeps them. */
export type StoredSummary = Omit<SetSummary, 'training' | 'heldOut'> & {
  readonly training: StoredScore;
  readonly heldOut: StoredScore | null;
};

/** A run as its folder tells it. What an older or damaged folder does not tell is null or empty, and named in `missing`. */
export interface ReportData {
  /** The folder, as the user named it. */
  readonly run: string;
  readonly study: Study;
  readonly network: { readonly name: string; readonly key: string } | null;
  /** The command line that made the folder, as it was typed; null where the folder does not tell, and where no command made it. */
  readonly command: string | null;
  /** Version of this package that fitted, and its engine. */
  readonly version: string | null;
  readonly engine: string | null;
  /** Digests of what each data set held. */
  readonly hashes: readonly { readonly what: string; readonly digest: string }[];
  /** What each fit went through; one a seed. */
  readonly fits: readonly {
    readonly seed: number;
    readonly keptEpoch: number;
    readonly metrics: readonly EpochMetrics[];
  }[];
  /** Short scores on what was learnt from and held out. */
  readonly summaries: readonly StoredSummary[];
  readonly tuning: RunTuning | null;
  readonly scored: readonly ScoredSet[];
  /** One sentence for each thing that could not be shown. */
  readonly missing: readonly string[];
}
