// What a program on Node needs beside the public API: the engine, files, threads and the cache, put together for a study.
import { join } from 'node:path';
import { DOWNLOADABLE_WEIGHTS } from './backbones/weights-registry.ts';
import { UsageError } from './core/errors.ts';
import type { OnNotice, OnProgress } from './core/progress.ts';
import { deviceCheck } from './engine/device-check.ts';
import { deviceTrial } from './engine/device-trial.ts';
import { type DeviceTrial, fastestDevice } from './engine/devices.ts';
import { engineGram } from './engine/gram.ts';
import { nodeEngine } from './engine/node.ts';
import { DEVICES, type Device, type DeviceChoice } from './engine/session.ts';
import {
  checkReplaceable,
  checkWritable,
  chooseCacheFolder,
  encodeJpeg,
  encodePng,
  findWeights,
  inChildProcess,
  isThere,
  listImages,
  machineName,
  openCache,
  openFileSource,
  openScratchFile,
  packageVersion,
  removeFolder,
  renderPng,
  replaceFolder,
  workerThreads,
  writeFileAtomically,
} from './host/index.ts';
import type { Environment } from './study/environment.ts';

export { type DeviceTrial, fastestDevice } from './engine/devices.ts';
export { engineGram } from './engine/gram.ts';
export { type NodeEngineOptions, nodeEngine } from './engine/node.ts';
export { DEVICE_CHOICES, DEVICES, type Device, type DeviceChoice } from './engine/session.ts';
export * from './host/index.ts';

const BY_STUDY = 'backbone.weights of the study (or --set backbone.weights=FILE)';

/** How a study runs on this machine. */
export interface NodeEnvironmentOptions {
  /** Cache folder; $HYPERCOLUMN_CACHE or the user's cache directory by default. */
  readonly cache?: string | undefined;
  /** Threads of the engine and of permuted fits; all processors by default. */
  readonly threads?: number | undefined;
  /** What networks run on: the CPU by default; `auto` tries all devices, which takes a second or two, and takes the fastest. */
  readonly device?: DeviceChoice | undefined;
  /** Caches features too, not only their statistics; off by default, since they are several hundred times larger. */
  readonly keepFeatures?: boolean | undefined;
  /** How the user names a file of weights, for messages: in a study by default. */
  readonly weightsBy?: string | undefined;
  readonly onProgress?: OnProgress;
  /** Told each assumption and omission once; silent by default. */
  readonly onNotice?: OnNotice;
}

/**
 * Node's engine, files, cache and threads, as `runStudy`, `predictRdms` and `crossvalidate` take them.
 * @throws UsageError where onnxruntime-node is not installed or the device cannot be had; the message says what to do
 */
export async function nodeEnvironment({
  cache,
  threads,
  device = 'cpu',
  keepFeatures = false,
  weightsBy = BY_STUDY,
  onProgress = () => {},
  onNotice = () => {},
}: NodeEnvironmentOptions = {}): Promise<Environment> {
  if (device !== 'auto') await checkDevice(device);
  const engine = await nodeEngine({
    device: device === 'auto' ? fastestDevice(await tryDevices()) : device,
    ...(threads !== undefined && { threads }),
  });
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
    removeFolder,
    isThere,
    checkWritable,
    joinPath: join,
    listImages: (folder) => listImages(folder, { onNotice: noticeOnce }),
    findWeights: (name) => downloadedWeights(name, cacheFolder, weightsBy),
    weightsBy,
    openScratch: openScratchFile(),
    cache: openCache(cacheFolder, { onNotice: noticeOnce }),
    keepFeatures,
    encodePng,
    encodeJpeg,
    renderPng,
    runTasks: workerThreads(threads),
    onProgress,
    onNotice: noticeOnce,
    machine: machineName(),
    version: packageVersion(),
  };
}

/**
 * Path of a network's weights in a cache folder; undefined where nothing is known to download for it.
 * @param weightsBy how the user may name a file instead, for the message
 * @throws UsageError where they were not downloaded yet
 */
export async function downloadedWeights(
  name: string,
  cacheFolder: string,
  weightsBy: string = BY_STUDY,
): Promise<string | undefined> {
  if (!Object.hasOwn(DOWNLOADABLE_WEIGHTS, name)) return undefined;
  return findWeights(DOWNLOADABLE_WEIGHTS[name], cacheFolder, weightsBy);
}

const TRIAL_SECONDS = 60;

/** Tries every device of this machine, each in a process of its own: its numbers beside the CPU's, and its speed. */
export async function tryDevices({
  onProgress = () => {},
}: {
  readonly onProgress?: OnProgress;
} = {}): Promise<DeviceTrial[]> {
  const trials: DeviceTrial[] = [];
  // One after the other: they would take the cores from each other.
  for (const [done, device] of DEVICES.entries()) {
    onProgress({ phase: 'trying devices', done, total: DEVICES.length, detail: device });
    trials.push(
      await inChildProcess(deviceTrial, device, {
        seconds: TRIAL_SECONDS,
        onEnd: (how) => ({
          device,
          works: false,
          problem: driverEnded(how),
        }),
      }),
    );
  }
  onProgress({ phase: 'trying devices', done: DEVICES.length, total: DEVICES.length });
  return trials;
}

/** Tries another device than the CPU in a process of its own first: where it fails, its driver's complaints are not the user's to read. */
async function checkDevice(device: Device): Promise<void> {
  if (device === 'cpu') return;
  const problem = await inChildProcess(deviceCheck, device, {
    seconds: TRIAL_SECONDS,
    onEnd: (how) => `--device ${device}: ${driverEnded(how)}`,
  });
  if (problem !== null) throw new UsageError(problem);
}

function driverEnded(how: string): string {
  return `its driver ended the process (${how}); update the driver, or use --device cpu`;
}
