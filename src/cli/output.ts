import type { OnProgress, Progress } from '../core/progress.ts';

/** What every command prints with: people read stderr, scripts read stdout. */
export interface Output {
  /** A sentence for a person. */
  say(text: string): void;
  /** A result: text, or with --json one document. */
  result(text: string): void;
  readonly onProgress: OnProgress;
}

const REDRAW_MS = 100;
const PLAIN_LINE_MS = 5000;

/** Output on this process's streams: a progress bar with the time left on a terminal, plain lines otherwise. */
export function processOutput(): Output {
  const terminal = process.stderr.isTTY === true;
  let barShown = false;
  let phase = '';
  let startedAt = 0;
  let drawnAt = 0;

  const clearBar = () => {
    if (barShown) process.stderr.write('\r\x1b[2K');
    barShown = false;
  };
  const onProgress = (progress: Progress) => {
    const now = Date.now();
    if (progress.phase !== phase) {
      phase = progress.phase;
      startedAt = now;
      drawnAt = 0;
    }
    const finished = progress.done >= progress.total;
    if (!finished && now - drawnAt < (terminal ? REDRAW_MS : PLAIN_LINE_MS)) return;
    drawnAt = now;
    const line = describe(progress, now - startedAt, terminal);
    clearBar();
    if (terminal && !finished) {
      process.stderr.write(line.slice(0, (process.stderr.columns ?? 80) - 1));
      barShown = true;
    } else {
      process.stderr.write(`${line}\n`);
    }
  };
  return {
    say(text) {
      clearBar();
      process.stderr.write(`${text}\n`);
    },
    result(text) {
      clearBar();
      process.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
    },
    onProgress,
  };
}

function describe({ phase, done, total, detail }: Progress, elapsedMs: number, terminal: boolean): string {
  const fraction = total > 0 ? Math.min(1, done / total) : 1;
  const time =
    done >= total
      ? `${formatSeconds(elapsedMs / 1000)}`
      : done > 0
        ? `${formatSeconds(((elapsedMs / done) * (total - done)) / 1000)} left`
        : '';
  const bar = terminal ? ` [${'='.repeat(Math.round(20 * fraction)).padEnd(20)}]` : '';
  return [`${phase}${bar} ${done}/${total}`, time, detail ?? ''].filter((part) => part !== '').join('  ');
}

function formatSeconds(seconds: number): string {
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 100) return `${Math.round(seconds)} s`;
  return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
}
