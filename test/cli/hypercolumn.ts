import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The built command line, as its users run it. */
export const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

/** What a command left behind. */
export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** How a command is run. */
export interface RunOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Is given the process as it starts. */
  readonly onStart?: (child: ChildProcess) => void;
  /** Looks at the process whenever it says something on stderr. */
  readonly onStderr?: (said: string, child: ChildProcess) => void;
  /** Whether nobody reads what it prints. */
  readonly closeStdout?: boolean;
  /** Largest file that the process may write, in KiB. */
  readonly fileLimit?: number;
}

/** Runs `hypercolumn` in a process of its own, with the cache of its surroundings. */
export function hypercolumn(args: readonly string[], options: RunOptions = {}): Promise<Outcome> {
  const { cwd, env = {}, onStart, onStderr, closeStdout = false, fileLimit } = options;
  if (!existsSync(MAIN)) throw new Error(`${MAIN} is not there; run npm run build`);
  // A process that ignores SIGXFSZ gets an error from the write that passes its limit, as from one on a full disk.
  const [command, ...first] =
    fileLimit === undefined
      ? [process.execPath]
      : ['bash', '-c', `trap '' XFSZ; ulimit -f ${fileLimit}; exec "$0" "$@"`, process.execPath];
  return new Promise((resolve, reject) => {
    const child = spawn(command, [...first, MAIN, ...args], {
      ...(cwd !== undefined && { cwd }),
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    onStart?.(child);
    if (closeStdout) child.stdout.destroy();
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (text: Buffer) => {
      stdout += text.toString();
    });
    child.stderr.on('data', (text: Buffer) => {
      stderr += text.toString();
      onStderr?.(stderr, child);
    });
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
}

/** Runs `hypercolumn` and ends it by a signal once `ready` says so, which is asked every few milliseconds. */
export async function hypercolumnUntil(
  ready: () => boolean,
  signal: NodeJS.Signals,
  args: readonly string[],
  options: RunOptions = {},
): Promise<Outcome> {
  let watching: NodeJS.Timeout | undefined;
  const outcome = await hypercolumn(args, {
    ...options,
    onStart(child) {
      watching = setInterval(() => {
        if (!ready()) return;
        clearInterval(watching);
        child.kill(signal);
      }, 5);
    },
  });
  clearInterval(watching);
  return outcome;
}

/** A run's files; all but command.txt, which tells the folder's own command. */
export function resultsIn(folder: string): Record<string, Buffer> {
  const names = readdirSync(folder).filter((name) => name !== 'command.txt');
  return Object.fromEntries(names.map((name) => [name, readFileSync(join(folder, name))]));
}
