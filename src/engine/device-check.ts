import { messageOf } from '../core/errors.ts';
import type { Task } from '../core/parallel.ts';
import { nodeEngine } from './node.ts';
import type { Device } from './session.ts';

/**
 * Why a device cannot be had, in a sentence; null where it can. To be run in a process of its own: graphics drivers print what they like, and
 * some end the process.
 */
export const deviceCheck: Task<Device, string | null> = { module: new URL(import.meta.url), run: checkDevice };

/** What another process runs. */
export default async function checkDevice(device: Device): Promise<string | null> {
  try {
    await nodeEngine({ device });
    return null;
  } catch (error) {
    return messageOf(error);
  }
}
