/** A pure function in a module of its own, so that a worker thread can load it: what comes in and goes out is structured-clonable. */
export interface Task<In, Out> {
  /** URL of the module whose default export is `run`. */
  readonly module: URL;
  readonly run: (input: In) => Out | Promise<Out>;
}

/**
 * Runs a task on each input, side by side where the platform can; outputs come in the order of the inputs and do not depend on how many ran
 * at once.
 */
export type RunTasks = <In, Out>(
  task: Task<In, Out>,
  inputs: readonly In[],
  onDone?: (nDone: number) => void,
) => Promise<Out[]>;

/** One after the other on this thread. */
export const runInTurn: RunTasks = async (task, inputs, onDone) => {
  const outputs = [];
  for (const input of inputs) {
    outputs.push(await task.run(input));
    onDone?.(outputs.length);
  }
  return outputs;
};
