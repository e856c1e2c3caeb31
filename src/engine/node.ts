import type * as Ort from 'onnxruntime-node';
import { messageOf, UsageError } from '../core/errors.ts';
import type { Engine, EngineSession, EngineTensor } from './session.ts';

/** How onnxruntime runs in Node. */
export interface NodeEngineOptions {
  /**
   * Threads a session computes with; by default one for each core. The same number gives the same bytes in every run and process, another
   * number other last digits.
   */
  readonly threads?: number;
}

/** What goes wrong is thrown; the runtime is not to print it as well. */
const FATAL_ONLY = 4;

/**
 * The engine of Node: onnxruntime on the CPU.
 * @throws UsageError for a number of threads that is none, or where the optional package onnxruntime-node is not installed or does not run on this machine
 */
export async function nodeEngine({ threads }: NodeEngineOptions = {}): Promise<Engine> {
  if (threads !== undefined && !(Number.isInteger(threads) && threads >= 1)) {
    throw new UsageError(`threads: expected a whole number from 1 on, got ${threads}`);
  }
  const ort = await importRuntime();
  ort.env.logLevel = 'fatal';
  return {
    name: `onnxruntime-node ${ort.env.versions.node ?? ort.env.versions.common}, cpu`,
    async load(model) {
      const session = await ort.InferenceSession.create(model, {
        executionProviders: ['cpu'],
        graphOptimizationLevel: 'all',
        executionMode: 'sequential',
        logSeverityLevel: FATAL_ONLY,
        // An arena keeps the largest run's memory for as long as the session lives.
        enableCpuMemArena: false,
        // Threads that wait by spinning take the cores from whoever decodes the next images, or from another program.
        extra: { session: { intra_op: { allow_spinning: '0' } } },
        ...(threads === undefined ? {} : { intraOpNumThreads: threads, interOpNumThreads: 1 }),
      });
      return nodeSession(ort, session);
    },
  };
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

function nodeSession(ort: typeof Ort, session: Ort.InferenceSession): EngineSession {
  return {
    inputs: session.inputNames,
    outputs: session.outputNames,
    async run(feeds, fetches = session.outputNames) {
      const results = await session.run(
        Object.fromEntries(Object.entries(feeds).map(([name, tensor]) => [name, toOrt(ort, tensor)])),
        [...fetches],
      );
      return Object.fromEntries(fetches.map((name) => [name, fromOrt(name, results[name])]));
    },
    release: () => session.release(),
  };
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
