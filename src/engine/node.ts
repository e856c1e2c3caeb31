import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { cpus } from 'node:os';
import { dirname, join } from 'node:path';
import type * as Ort from 'onnxruntime-node';
import { messageOf, UsageError } from '../core/errors.ts';
import { emitOnnx } from '../graph/emit.ts';
import { Graph } from '../graph/graph.ts';
import type { Device, Engine, EngineSession, EngineTensor } from './session.ts';

/** How onnxruntime runs in Node. */
export interface NodeEngineOptions {
  /**
   * Threads a session computes with; by default one for each core. The same number gives the same bytes in every run and process, another
   * number other last digits.
   */
  readonly threads?: number;
  /**
   * What networks run on, the CPU by default: the one that gives the same bytes wherever the same number of threads computes. Operators that a
   * graphics device has no kernel for, and everything in float64, run on the CPU beside it.
   */
  readonly device?: Device;
}

/** What goes wrong is thrown; the runtime is not to print it as well. */
const FATAL_ONLY = 4;

/**
 * The engine of Node: onnxruntime on the CPU or another device.
 * @throws UsageError for a number of threads that is none, where the optional package onnxruntime-node is not installed or does not run on this
 * machine, and for a device that cannot be had, with what is missing
 */
export async function nodeEngine({ threads, device = 'cpu' }: NodeEngineOptions = {}): Promise<Engine> {
  if (threads !== undefined && !(Number.isInteger(threads) && threads >= 1)) {
    throw new UsageError(`threads: expected a whole number from 1 on, got ${threads}`);
  }
  const ort = await importRuntime();
  ort.env.logLevel = 'fatal';
  if (device !== 'cpu') await checkDevice(ort, device);
  return {
    name: `onnxruntime-node ${ort.env.versions.node ?? ort.env.versions.common}, ${device}`,
    device,
    threads: threads ?? physicalCores(),
    async load(model, { keepMemory = false, profile } = {}) {
      const session = await ort.InferenceSession.create(model, {
        executionProviders: [device],
        graphOptimizationLevel: 'all',
        executionMode: 'sequential',
        logSeverityLevel: FATAL_ONLY,
        enableCpuMemArena: keepMemory,
        // With an arena, the plan of a run's memory is laid down beside what the first run took, which stays as well: twice the memory.
        enableMemPattern: !keepMemory,
        ...(profile === undefined ? {} : { enableProfiling: true, profileFilePrefix: profile }),
        // Threads that wait by spinning take the cores from whoever decodes the next images, or from another program.
        extra: { session: { intra_op: { allow_spinning: '0' } } },
        ...(threads === undefined ? {} : { intraOpNumThreads: threads, interOpNumThreads: 1 }),
      });
      return nodeSession(ort, session, profile !== undefined);
    },
  };
}

/**
 * Cores of this machine, of which onnxruntime gives each one thread by default; undefined where the system tells processors alone, two of
 * which may be one core.
 */
function physicalCores(): number | undefined {
  if (process.platform !== 'linux') return process.arch === 'arm64' ? cpus().length : undefined;
  try {
    const processors = readFileSync('/proc/cpuinfo', 'utf8').trim().split(/\n\n+/);
    const cores = processors.map((text) => [/^physical id.*$/m, /^core id.*$/m].map((line) => line.exec(text)?.[0]));
    const told = cores.every((parts) => parts.every((part) => part !== undefined));
    return told ? new Set(cores.map((parts) => parts.join())).size : undefined;
  } catch {
    return undefined;
  }
}

async function importRuntime(): Promise<typeof Ort> {
  try {
    return await import('onnxruntime-node');
  } catch (cause) {
    throw new UsageError(
      `engine: onnxruntime-node cannot be loaded (${messageOf(cause).split('\n')[0]}); install it with: npm install onnxruntime-node`,
      { cause },
    );
  }
}

/** What to do about a device that onnxruntime finds no way to. */
const WAYS_OUT: Record<Exclude<Device, 'cpu'>, (reason: string) => string> = {
  webgpu: (reason) =>
    `expected a graphics device with a driver for ${GRAPHICS_INTERFACE[process.platform] ?? 'WebGPU'}, found none (${reason}); install your graphics card's driver, or use --device cpu`,
  cuda: (reason) => withoutCuda(reason, TRACES_OF_NVIDIA.some(existsSync)),
};
/** Files by which a card of NVIDIA and its driver show: Linux itself, and Windows' Linux. */
const TRACES_OF_NVIDIA: readonly string[] = ['/dev/nvidiactl', '/proc/driver/nvidia/version', '/dev/dxg'];
const GRAPHICS_INTERFACE: Readonly<Record<string, string>> = { linux: 'Vulkan', darwin: 'Metal', win32: 'Direct3D 12' };
const CUDA_FILE = join('bin', 'napi-v6', process.platform, process.arch, 'libonnxruntime_providers_cuda.so');
const INSTALL_SCRIPT = join('script', 'install.js');

/** Why there is no CUDA, and what to do about it, which without a card is nothing. */
export function withoutCuda(reason: string, cardIsSeen: boolean): string {
  const command = `node ${join(runtimeFolder(), INSTALL_SCRIPT)} --onnxruntime-node-install=cuda12`;
  const fetched = existsSync(join(runtimeFolder(), CUDA_FILE));
  if (!cardIsSeen) {
    const files = fetched ? '' : ` and fetch onnxruntime's files for CUDA 12 with: ${command}`;
    return `expected an NVIDIA card with its driver, saw none on this machine; use --device cpu, or where there is one install its driver${files}`;
  }
  return fetched
    ? `expected an NVIDIA driver and the libraries of CUDA 12 and cuDNN 9, one of them is missing (${reason}); install them, or use --device cpu`
    : `expected onnxruntime's files for CUDA 12, which npm does not carry; fetch them with: ${command}; or use --device cpu`;
}

/** Folder of the package onnxruntime-node. */
function runtimeFolder(): string {
  return dirname(createRequire(import.meta.url).resolve('onnxruntime-node/package.json'));
}

/** Opens the least session there is on a device. */
async function checkDevice(ort: typeof Ort, device: Exclude<Device, 'cpu'>): Promise<void> {
  if (!ort.listSupportedBackends().some(({ name }) => name === device)) {
    throw new UsageError(
      `--device ${device}: onnxruntime-node has none for ${process.platform} on ${process.arch}; use --device cpu`,
    );
  }
  const graph = new Graph();
  graph.output('y', graph.apply('relu', [graph.input('x', [1])]));
  try {
    const options = { executionProviders: [device], logSeverityLevel: FATAL_ONLY } as const;
    await (await ort.InferenceSession.create(emitOnnx(graph), options)).release();
  } catch (cause) {
    // onnxruntime begins with the place in its own sources; what happened stands last.
    const reason = messageOf(cause)
      .split('\n')[0]
      .split(/ was false\. |: /)
      .at(-1)!;
    throw new UsageError(`--device ${device}: ${WAYS_OUT[device](reason)}`, { cause });
  }
}

function nodeSession(ort: typeof Ort, session: Ort.InferenceSession, profiled: boolean): EngineSession {
  return {
    inputs: session.inputNames,
    outputs: session.outputNames,
    async run(feeds, fetches = session.outputNames) {
      const results = await session.run(
        toOrtTensors(ort, feeds),
        isList(fetches) ? [...fetches] : toOrtTensors(ort, fetches),
      );
      if (!isList(fetches)) return { ...fetches };
      return Object.fromEntries(fetches.map((name) => [name, fromOrt(name, results[name])]));
    },
    async release() {
      if (profiled) session.endProfiling();
      await session.release();
    },
  };
}

function isList(fetches: readonly string[] | Readonly<Record<string, EngineTensor>>): fetches is readonly string[] {
  return Array.isArray(fetches);
}

function toOrtTensors(ort: typeof Ort, tensors: Readonly<Record<string, EngineTensor>>): Record<string, Ort.Tensor> {
  return Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, toOrt(ort, tensor)]));
}

function toOrt(ort: typeof Ort, { data, shape }: EngineTensor): Ort.Tensor {
  return data instanceof Float32Array ? new ort.Tensor('float32', data, shape) : new ort.Tensor('float64', data, shape);
}

function fromOrt(name: string, { data, dims }: Ort.Tensor): EngineTensor {
  if (!(data instanceof Float32Array || data instanceof Float64Array)) {
    throw new UsageError(`engine: expected floating-point numbers from output ${name}; choose another output`);
  }
  return { shape: dims, data };
}
