import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** Debian's package chromium-common has a Vulkan driver that computes in software. */
export const DRIVER = '/usr/lib/chromium/vk_swiftshader_icd.json';

/** What a program of this folder prints, run with that driver in another process: a driver's fault, and what it says, stay there. */
export async function printedBy(program: string, ...args: readonly string[]): Promise<string> {
  const path = fileURLToPath(new URL(program, import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', path, ...args], {
    env: { ...process.env, VK_DRIVER_FILES: DRIVER, XDG_RUNTIME_DIR: '/tmp' },
    maxBuffer: 1 << 26,
  });
  return stdout;
}
