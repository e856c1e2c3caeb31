/**
 * The errors a caller can cause. Their message is one sentence that says where, what was expected, what came and the way out; `code` is
 * stable, so a script can branch on it. Anything else that is thrown is a defect of this library.
 */
export abstract class HypercolumnError extends Error {
  /** Stable name of the kind of mistake. */
  abstract readonly code: 'SHAPE' | 'FORMAT' | 'USAGE';

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** Arrays whose sizes or condition names do not fit each other. */
export class ShapeError extends HypercolumnError {
  readonly code = 'SHAPE';
}

/** An argument, setting or combination of both that cannot be met. */
export class UsageError extends HypercolumnError {
  readonly code = 'USAGE';
}

/** A file that is truncated, corrupt, of another kind, or holds values that cannot be used. */
export class FormatError extends HypercolumnError {
  readonly code = 'FORMAT';
  /** Path or name of the file. */
  readonly path: string;

  /**
   * @param path file the error is about; leads the message
   * @param problem what was expected, what came, the way out
   * @param place where in the file: an entry's name, a byte offset, a row
   */
  constructor(path: string, problem: string, place?: string, options?: ErrorOptions) {
    super(place === undefined ? `${path}: ${problem}` : `${path}, ${place}: ${problem}`, options);
    this.path = path;
  }
}

/** The message of anything thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
