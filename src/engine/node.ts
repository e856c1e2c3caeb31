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

const ERRORS_ONLY = 3;

/**
 * The engine of Node: onnxruntime on the CPU.
 * @throws UsageError where the optional package onnxruntime-node is not installed or does not run on this machine
 */
export async function nodeEngine({ threads }: NodeEngineOptions = {}): Promise<Engine> {
  const ort = await importRuntime();
  ort.env.logLevel = 'error';
  return {
    name: `onnxruntime-node ${ort.env.versions.node ?? ort.env.versions.common}, cpu`,
    async load(model) {
      const session = await ort.InferenceSession.create(model, {
        executionProviders: ['cpu'],
        graphOptimizationLevel: 'all',
        executionMode: 'sequential',
        logSeverityLevel: ERRORS_ONLY,
        // An arena keeps the largest run's memory for as long as the session lives.
        enableCpuMemArena: false,
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
