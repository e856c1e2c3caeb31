import { UsageError } from '../core/errors.ts';
import { LARGEST_SEED } from '../core/random.ts';
import type { DeviceChoice } from '../engine/session.ts';
import { nodeEnvironment } from '../node.ts';
import type { Environment } from '../study/environment.ts';
import { stoppable } from './interruption.ts';
import type { Output } from './output.ts';

/** Options of commands that run networks. */
export interface EnvironmentOptions {
  readonly cache?: string;
  readonly threads?: string;
  readonly device?: DeviceChoice;
  readonly keepFeatures?: true;
}

/**
 * This machine's environment, talking through the command's output.
 * @param settings what is said otherwise than by default
 * @param settings.weightsBy how the command takes a file of weights, where not in a study
 */
export async function commandEnvironment(
  { cache, threads, device, keepFeatures }: EnvironmentOptions,
  output: Output,
  { weightsBy }: { readonly weightsBy?: string } = {},
): Promise<Environment> {
  const environment = await nodeEnvironment({
    cache,
    device,
    threads: threads === undefined ? undefined : parseCount('--threads', threads),
    keepFeatures,
    weightsBy,
    onProgress: output.onProgress,
    onNotice: (notice) => output.say(`note: ${notice}`),
  });
  if (device === 'auto') output.say(`note: --device auto takes ${environment.engine.device}, the fastest here`);
  return { ...environment, stoppable };
}

/**
 * A whole number from 1 that the user typed.
 * @throws UsageError naming the option
 */
export function parseCount(option: string, text: string): number {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1)
    throw new UsageError(`${option}: expected a whole number from 1, got ${text}`);
  return count;
}

/**
 * A seed that the user typed.
 * @throws UsageError where it is none
 */
export function parseSeed(text: string): number {
  const seed = Number(text);
  if (text.trim() === '' || !Number.isInteger(seed) || seed < 0 || seed > LARGEST_SEED)
    throw new UsageError(`--seed: expected a whole number from 0 to ${LARGEST_SEED}, got ${text}`);
  return seed;
}
