import { readFile, statfs } from 'node:fs/promises';
import { availableParallelism, cpus, freemem, totalmem } from 'node:os';
import { dirname } from 'node:path';
import { messageOf } from '../core/errors.ts';
import { decodeImage } from './decode.ts';
import { encodePng } from './encode.ts';

/** What computes here, as the system says it. */
export interface Machine {
  readonly platform: string;
  readonly node: string;
  readonly cpu: {
    readonly model: string;
    /** Threads that this process may run at once. */
    readonly cores: number;
    /** Of the vector instructions that matter to a matrix product, those there are; null where the system does not say. */
    readonly instructions: readonly string[] | null;
  };
  /** Bytes, of what this process may take. */
  readonly memory: { readonly total: number; readonly free: number };
}

const INSTRUCTIONS: Readonly<Record<string, string>> = {
  avx2: 'AVX2',
  fma: 'FMA',
  avx512f: 'AVX-512',
  avx512_vnni: 'VNNI',
  amx_tile: 'AMX',
  asimd: 'NEON',
  sve: 'SVE',
};

/** Looks at this machine. */
export async function examineMachine(): Promise<Machine> {
  const limit = process.constrainedMemory?.() ?? 0;
  const total = limit > 0 ? Math.min(limit, totalmem()) : totalmem();
  return {
    platform: `${process.platform} ${process.arch}`,
    node: process.versions.node,
    cpu: {
      model: cpus()[0]?.model.trim() || 'unknown CPU',
      cores: availableParallelism(),
      instructions: await vectorInstructions(),
    },
    memory: { total, free: Math.min(total, freemem()) },
  };
}

/** The machine in words, by what may change the last digits of what it computes. */
export function machineName(): string {
  return `${process.platform} ${process.arch}, ${availableParallelism()} x ${cpus()[0]?.model.trim() || 'unknown CPU'}`;
}

/** Linux lists them; elsewhere it takes a program of the system's. */
async function vectorInstructions(): Promise<string[] | null> {
  const text = await readFile('/proc/cpuinfo', 'utf8').catch(() => undefined);
  const flags = text?.match(/^(?:flags|Features)\s*:(.*)$/m)?.[1].split(/\s+/);
  return flags?.flatMap((flag) => INSTRUCTIONS[flag] ?? []) ?? null;
}

/** Bytes free on the disk of a folder, or of the nearest one above it that exists. */
export async function freeDisk(folder: string): Promise<number | null> {
  const disk = await statfs(folder).catch(() => undefined);
  if (disk !== undefined) return disk.bavail * disk.bsize;
  return dirname(folder) === folder ? null : freeDisk(dirname(folder));
}

/** Whether pictures can be read here. */
export type DecoderState =
  | { readonly works: true; readonly name: string }
  | { readonly works: false; readonly problem: string };

/** Has the decoder read a picture. */
export async function tryDecoder(): Promise<DecoderState> {
  try {
    const { default: sharp } = await import('sharp');
    const data = Uint8Array.of(255, 0, 0, 0, 0, 255);
    const { data: seen } = await decodeImage(await encodePng({ width: 2, height: 1, data }), 'trial');
    if (data.some((value, i) => value !== seen[i])) throw new Error('it decodes other colours than were encoded');
    return { works: true, name: `sharp ${sharp.versions.sharp}` };
  } catch (error) {
    const reason = messageOf(error).trim().split('\n')[0];
    return { works: false, problem: `sharp does not work (${reason}); install it with: npm install sharp` };
  }
}
