import { messageOf } from '../core/errors.ts';
import type { Task } from '../core/parallel.ts';
import { type DeviceTrial, measureGflops, relativeDifference, smallNetworkResult } from './devices.ts';
import { nodeEngine } from './node.ts';
import type { Device } from './session.ts';

const TOLERANCE = 1e-3;

/**
 * Tries a device in earnest: a small network must give the CPU's numbers, then its speed is measured. To be run in a process of its own:
 * graphics drivers print what they like, and some end the process.
 */
export const deviceTrial: Task<Device, DeviceTrial> = { module: new URL(import.meta.url), run: tryDevice };

/** What a worker or another process runs. */
export default async function tryDevice(device: Device): Promise<DeviceTrial> {
  try {
    const engine = await nodeEngine({ device });
    const reference = await smallNetworkResult(await nodeEngine({ device: 'cpu' }));
    const difference = relativeDifference(await smallNetworkResult(engine), reference);
    if (!(difference <= TOLERANCE)) {
      const problem = `${device} computes other numbers than the CPU (relative difference ${difference.toPrecision(2)}); update its driver, or use --device cpu`;
      return { device, works: false, problem };
    }
    return { device, works: true, engine: engine.name, gflops: await measureGflops(engine) };
  } catch (error) {
    return { device, works: false, problem: messageOf(error).replace(`--device ${device}: `, '') };
  }
}
