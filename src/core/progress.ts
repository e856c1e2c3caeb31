/** How far a long piece of work has come. */
export interface Progress {
  /** What is going on: `extracting`, `training EVC`. */
  readonly phase: string;
  readonly done: number;
  readonly total: number;
  /** A few words more: a loss, a file's name. */
  readonly detail?: string;
}

/** Called by long work as it goes on; whoever has a screen passes one in. */
export type OnProgress = (progress: Progress) => void;

/** Called with a sentence the user should read: an assumption made, something left out. Each is said once. */
export type OnNotice = (notice: string) => void;
