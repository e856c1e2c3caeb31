import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { type RunTasks, runInTurn } from '../core/parallel.ts';

/**
 * Runs tasks on worker threads. Arrays over SharedArrayBuffers reach them without a copy.
 * Modules that are still TypeScript (a test runner compiles them in this thread only) run in turn instead.
 * @param nThreads processors of this machine by default
 */
export function workerThreads(nThreads: number = availableParallelism()): RunTasks {
  return async (task, inputs, onDone) => {
    const { length: nTasks } = inputs;
    if (nThreads < 2 || nTasks < 2 || !task.module.pathname.endsWith('.js')) return runInTurn(task, inputs, onDone);
    const { Piscina } = await import('piscina');
    const pool = new Piscina({
      filename: fileURLToPath(task.module),
      minThreads: Math.min(nThreads, nTasks),
      maxThreads: Math.min(nThreads, nTasks),
    });
    try {
      let nDone = 0;
      return await Promise.all(
        inputs.map(async (input) => {
          const output = await pool.run(input);
          onDone?.(++nDone);
          return output;
        }),
      );
    } finally {
      await pool.destroy();
    }
  };
}
