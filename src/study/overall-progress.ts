import { describeDuration } from '../core/duration.ts';
import type { OnProgress, Progress } from '../core/progress.ts';
import type { Environment } from './environment.ts';

/** One of several long pieces of work that follow each other. */
export interface Job {
  readonly name: string;
  /** How long it takes beside the others, in any unit. */
  readonly work: number;
}

/** What takes the time: `training`, of several seeds `training, fit 2 of 5`; not `training the mask alone`. */
const TRAINING = /^training(?:, fit (\d+) of (\d+))?$/;

/**
 * Says of each job's progress which one goes on, and of its training how much time is left over all jobs, as fast as training has gone since
 * the first report: what was done before that, in a process that was stopped, counts as done and not as fast.
 * @param jobs those that are still to be done
 * @param now milliseconds
 * @returns for each job what it reports to
 */
export function overallProgress(
  jobs: readonly Job[],
  onProgress: OnProgress,
  now: () => number = () => performance.now(),
): OnProgress[] {
  const total = jobs.reduce((sum, { work }) => sum + work, 0);
  let start: { readonly at: number; readonly done: number } | undefined;
  return jobs.map(({ name, work }, k) => {
    const before = jobs.slice(0, k).reduce((sum, job) => sum + job.work, 0);
    const place = jobs.length === 1 ? name : `${name} (${k + 1} of ${jobs.length})`;
    return (progress: Progress) => {
      const details = [progress.detail ?? ''];
      const training = TRAINING.exec(progress.phase);
      if (training !== null) {
        const [, fit = '1', fits = '1'] = training;
        const fraction = (Number(fit) - 1 + progress.done / Math.max(1, progress.total)) / Number(fits);
        const done = before + work * fraction;
        const at = now();
        start ??= { at, done };
        if (done > start.done) {
          const seconds = (((at - start.at) / (done - start.done)) * (total - done)) / 1000;
          details.push(`about ${describeDuration(seconds)} left in all`);
        }
      }
      onProgress({
        ...progress,
        phase: `${place}, ${progress.phase}`,
        detail: details.filter((each) => each !== '').join(', '),
      });
    };
  });
}

/** The environment, whose progress says which of several fits goes on. */
export function sayingFit(environment: Environment, k: number, seeds: number): Environment {
  if (seeds === 1) return environment;
  return {
    ...environment,
    onProgress: (progress) =>
      environment.onProgress({ ...progress, phase: `${progress.phase}, fit ${k + 1} of ${seeds}` }),
  };
}
