import { spawn } from 'node:child_process';
import type { Task } from '../core/parallel.ts';

/** Imports the module it is told and sends what its default export makes of the input. */
const CHILD = `
const { module, input } = JSON.parse(process.argv[1]);
const { default: run } = await import(module);
process.send(await run(input), () => process.exit(0));
`;

/** How long a task in another process may take, and what it came to where it never said. */
export interface ChildProcessOptions<Out> {
  readonly seconds: number;
  /** @param how the signal or status that the process ended with */
  readonly onEnd: (how: string) => Out;
}

/**
 * Runs a task in a process of its own: what it prints is dropped, and its end does not end this one. Inputs and outputs are JSON.
 * A module that is still TypeScript (a test runner compiles it in this process only) runs here instead.
 */
export async function inChildProcess<In, Out>(
  task: Task<In, Out>,
  input: In,
  { seconds, onEnd }: ChildProcessOptions<Out>,
): Promise<Out> {
  if (!task.module.pathname.endsWith('.js')) return task.run(input);
  return new Promise((resolve) => {
    const message = JSON.stringify({ module: task.module.href, input });
    const child = spawn(process.execPath, ['--input-type=module', '--eval', CHILD, message], {
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      timeout: seconds * 1000,
      killSignal: 'SIGKILL',
    });
    child.once('message', (output) => resolve(output as Out));
    child.once('error', ({ message }) => resolve(onEnd(message)));
    child.once('exit', (code, signal) => resolve(onEnd(signal ?? `exit status ${code}`)));
  });
}
