import type { Gram } from '../core/gram.ts';
import type { RunTasks } from '../core/parallel.ts';
import type { OnNotice, OnProgress } from '../core/progress.ts';
import type { Engine } from '../engine/session.ts';
import type { BlobCache, OpenScratch, Sink, Source } from '../formats/source.ts';
import type { RgbImage, Stimulus } from '../images/image.ts';

/** A Source that is given back when it has been read. */
export type ClosableSource = Source & { close(): Promise<void> };

/**
 * What a study needs of the platform it runs on: an engine, files, threads, a screen. The command line passes Node's, a browser its own;
 * tests pass memory.
 */
export interface Environment {
  readonly engine: Engine;
  /** The engine's fast inner products. */
  readonly gram: Gram;
  readonly openSource: (path: string) => Promise<ClosableSource>;
  /** Writes a file whole or not at all. */
  readonly writeFile: (path: string, fill: (sink: Sink) => Promise<void>) => Promise<void>;
  /** Fills a folder and puts it in place when complete; one that stands there is replaced if it holds `names[0]` and nothing beside `names`. */
  readonly replaceFolder: (
    path: string,
    names: readonly string[],
    fill: (folder: string) => Promise<void>,
  ) => Promise<void>;
  /** Asserts that `replaceFolder` could put a folder there, before hours of work. */
  readonly checkReplaceable: (path: string, names: readonly string[]) => Promise<void>;
  /** Removes a folder that holds `names[0]` and nothing beside `names`, or nothing. */
  readonly removeFolder: (path: string, names: readonly string[]) => Promise<void>;
  /** Whether there is a file or folder. */
  readonly isThere: (path: string) => Promise<boolean>;
  /** Asserts that `writeFile` could write a file there, before hours of work. */
  readonly checkWritable: (path: string) => Promise<void>;
  readonly joinPath: (folder: string, name: string) => string;
  /** Images of a folder in natural order of their names. */
  readonly listImages: (folder: string) => Promise<readonly Stimulus[]>;
  /** Path of a network's weights that were downloaded before; undefined for networks that nothing is known to download for. */
  readonly findWeights: (name: string) => Promise<string | undefined>;
  /** How the user names a file of weights here, for messages. */
  readonly weightsBy?: string;
  readonly encodePng: (image: RgbImage) => Promise<Uint8Array>;
  /** For thumbnails. */
  readonly encodeJpeg: (image: RgbImage) => Promise<Uint8Array>;
  /** Draws an svg, so many pixels a pixel of it. */
  readonly renderPng: (svg: string, scale: number) => Promise<Uint8Array>;
  readonly openScratch: OpenScratch;
  readonly cache: BlobCache | undefined;
  /** Whether features are cached too, not only their statistics: several hundred times larger, and reread instead of computed. */
  readonly keepFeatures: boolean;
  readonly runTasks: RunTasks;
  readonly onProgress: OnProgress;
  readonly onNotice: OnNotice;
  /**
   * Does work that can be stopped in good order: where the user asks to stop, the signal aborts instead of the process ending at once. By
   * default nothing stops it.
   */
  readonly stoppable?: <T>(work: (signal: AbortSignal) => Promise<T>) => Promise<T>;
  /** The machine it runs on: what may give other last digits than another. */
  readonly machine: string;
  /** Of this package, for reports. */
  readonly version: string;
}

/** Opens a source, hands it to `use`, and gives it back whatever happens. */
export async function withSource<T>(
  { openSource }: Pick<Environment, 'openSource'>,
  path: string,
  use: (source: Source) => Promise<T>,
): Promise<T> {
  const source = await openSource(path);
  try {
    return await use(source);
  } finally {
    await source.close();
  }
}

/** The whole of a small text file. */
export function readText(environment: Pick<Environment, 'openSource'>, path: string): Promise<string> {
  return withSource(environment, path, async (source) => new TextDecoder().decode(await source.read(0, source.size)));
}

/** Writes a text file whole or not at all. */
export function writeText(environment: Pick<Environment, 'writeFile'>, path: string, text: string): Promise<void> {
  return environment.writeFile(path, (sink) => sink.write(0, new TextEncoder().encode(text)));
}
