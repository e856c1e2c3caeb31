// What a program on Node needs beside the public API: the engine, files, threads and the cache, put together for a study.
import { join } from 'node:path';
import { DOWNLOADABLE_WEIGHTS } from './backbones/weights-registry.ts';
import type { OnNotice, OnProgress } from './core/progress.ts';
import { engineGram } from './engine/gram.ts';
import { nodeEngine } from './engine/node.ts';
import {
  checkReplaceable,
  checkWritable,
  chooseCacheFolder,
  encodePng,
  findWeights,
  listImages,
  openCache,
  openFileSource,
  openScratchFile,
  packageVersion,
  replaceFolder,
  workerThreads,
  writeFileAtomically,
} from './host/index.ts';
import type { Environment } from './study/environment.ts';

export { engineGram } from './engine/gram.ts';
export { type NodeEngineOptions, nodeEngine } from './engine/node.ts';
export * from './host/index.ts';

/** How a study runs on this machine. */
export interface NodeEnvironmentOptions {
  /** Cache folder; $HYPERCOLUMN_CACHE or the user's cache directory by default. */
  readonly cache?: string | undefined;
  /** Threads of the engine and of permuted fits; all processors by default. */
  readonly threads?: number | undefined;
  /** Caches features too, not only their statistics; off by default, since they are several hundred times larger. */
  readonly keepFeatures?: boolean | undefined;
  readonly onProgress?: OnProgress;
  /** Told each assumption and omission once; silent by default. */
  readonly onNotice?: OnNotice;
}

/**
 * Node's engine, files, cache and threads, as `runStudy`, `predictRdms` and `crossvalidate` take them.
 * @throws UsageError where onnxruntime-node is not installed; the message says how to
 */
export async function nodeEnvironment({
  cache,
  threads,
  keepFeatures = false,
  onProgress = () => {},
  onNotice = () => {},
}: NodeEnvironmentOptions = {}): Promise<Environment> {
  const engine = await nodeEngine(threads === undefined ? {} : { threads });
  const said = new Set<string>();
  const noticeOnce = (notice: string) => {
    if (!said.has(notice)) onNotice(notice);
    said.add(notice);
  };
  const cacheFolder = chooseCacheFolder(cache);
  return {
    engine,
    gram: engineGram(engine),
    openSource: openFileSource,
    writeFile: writeFileAtomically,
    replaceFolder,
    checkReplaceable,
    checkWritable,
    joinPath: join,
    listImages: (folder) => listImages(folder, { onNotice: noticeOnce }),
    findWeights: async (name) =>
      Object.hasOwn(DOWNLOADABLE_WEIGHTS, name) ? findWeights(DOWNLOADABLE_WEIGHTS[name], cacheFolder) : undefined,
    openScratch: openScratchFile(),
    cache: openCache(cacheFolder, { onNotice: noticeOnce }),
    keepFeatures,
    encodePng,
    runTasks: workerThreads(threads),
    onProgress,
    onNotice: noticeOnce,
    version: packageVersion(),
  };
}
