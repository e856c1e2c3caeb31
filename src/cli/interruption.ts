/** 128 and the signal's number, as shells have it. */
export const EXIT_OF_SIGNAL = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;

/** The signals that ask a command to stop. */
export type StopSignal = keyof typeof EXIT_OF_SIGNAL;

/** What work that was asked to stop rejects with, in good order. */
export class Interruption extends Error {
  readonly signal: StopSignal;

  constructor(signal: StopSignal) {
    super(`stopped by ${signal}`);
    this.name = 'Interruption';
    this.signal = signal;
  }
}

const underWay = new Set<AbortController>();

/** Does work that Ctrl-C lets come to a good end; a second one ends the process at once. */
export async function stoppable<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  underWay.add(controller);
  try {
    return await work(controller.signal);
  } finally {
    underWay.delete(controller);
  }
}

/**
 * Asks the work under way to stop.
 * @returns whether there is any that has not been asked before
 */
export function stopWork(signal: StopSignal): boolean {
  const asked = [...underWay].filter((controller) => !controller.signal.aborted);
  for (const controller of asked) controller.abort(new Interruption(signal));
  return asked.length > 0;
}

const NOTHING_LEFT = 'nothing half-written is left';
let describeLeft: () => string | undefined = () => undefined;

/** Lets a command say what an interruption would leave, as the end of a sentence; undefined while that is nothing. */
export function onInterruption(left: () => string | undefined): void {
  describeLeft = left;
}

/** What an interruption leaves now. */
export function whatIsLeft(): string {
  return describeLeft() ?? NOTHING_LEFT;
}
