import { describeDuration } from '../core/duration.ts';
import type { OnProgress, Progress } from '../core/progress.ts';

/** What every command prints with: people read stderr, scripts read stdout. */
export interface Output {
  /** A sentence for a person. */
  say(text: string): void;
  /** A result: text, or with --json one document. */
  result(text: string): void;
  readonly onProgress: OnProgress;
}

/** Output whose readers may go. */
export interface ProcessOutput extends Output {
  /** Nobody reads stderr any more. */
  hangUp(): void;
}

const REDRAW_MS = 100;
const PLAIN_LINE_MS = 5000;

/** Output on this process's streams: a progress bar with the time left on a terminal, plain lines otherwise. */
export function processOutput(): ProcessOutput {
  const terminal = process.stderr.isTTY === true;
  let barShown = false;
  let listened = true;
  const phases = new Map<string, PhaseStart>();
  let drawnPhase = '';
  let drawnAt = 0;

  const clearBar = () => {
    if (barShown) process.stderr.write('\r\x1b[2K');
    barShown = false;
  };
  const onProgress = (progress: Progress) => {
    const now = Date.now();
    const { phase, done } = progress;
    const start = phases.get(phase);
    if (start === undefined || done < start.lastDone) phases.set(phase, { at: now, done, lastDone: done });
    else start.lastDone = done;
    if (phase !== drawnPhase) [drawnPhase, drawnAt] = [phase, 0];
    const finished = progress.done >= progress.total;
    if (!finished && now - drawnAt < (terminal ? REDRAW_MS : PLAIN_LINE_MS)) return;
    drawnAt = now;
    const line = describe(progress, phases.get(phase)!, now, terminal);
    clearBar();
    if (!listened) return;
    if (terminal && !finished) {
      process.stderr.write(line.slice(0, (process.stderr.columns ?? 80) - 1));
      barShown = true;
    } else {
      process.stderr.write(`${line}\n`);
    }
  };
  return {
    say(text) {
      if (!listened) return;
      clearBar();
      process.stderr.write(`${text}\n`);
    },
    result(text) {
      clearBar();
      process.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
    },
    onProgress,
    hangUp() {
      listened = false;
    },
  };
}

/** When a phase began for this process, and how much of it was done then. */
interface PhaseStart {
  readonly at: number;
  readonly done: number;
  lastDone: number;
}

function describe({ phase, done, total, detail }: Progress, start: PhaseStart, now: number, terminal: boolean): string {
  const fraction = total > 0 ? Math.min(1, done / total) : 1;
  const elapsed = (now - start.at) / 1000;
  const since = done - start.done;
  const time =
    done >= total
      ? describeDuration(elapsed)
      : since > 0
        ? `${describeDuration((elapsed / since) * (total - done))} left`
        : '';
  const bar = terminal ? ` [${'='.repeat(Math.round(20 * fraction)).padEnd(20)}]` : '';
  return [`${phase}${bar} ${done}/${total}`, time, detail ?? ''].filter((part) => part !== '').join('  ');
}
