import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, it } from 'vitest';
import type { Task } from '../../src/core/parallel.ts';
import { inChildProcess } from '../../src/host/child-process.ts';
import { temporaryFolder } from './temporary-folder.ts';

const options = { seconds: 20, onEnd: (how: string) => `ended: ${how}` };

/** A task whose module has this text; what it would do here must not be what it does. */
function task(text: string): Task<number, string> {
  const path = join(temporaryFolder(), 'task.js');
  writeFileSync(join(path, '..', 'package.json'), '{"type":"module"}');
  writeFileSync(path, text);
  return { module: pathToFileURL(path), run: () => 'in this process' };
}

it('gives what the task made of its input in another process', async () => {
  const squares = task("export default async (n) => (console.log('noise'), [n * n, process.pid].join(' '));");
  const [square, pid] = (await inChildProcess(squares, 7, options)).split(' ');
  expect(square).toBe('49');
  expect(Number(pid)).not.toBe(process.pid);
});

it.each([
  [
    'a fault of a driver',
    "process.kill(process.pid, 'SIGSEGV'); await new Promise(() => setInterval(() => {}, 9));",
    'SIGSEGV',
  ],
  ['an exit', 'process.exit(3);', 'exit status 3'],
  ['an error that is thrown', "throw new Error('x');", 'exit status 1'],
])('%s ends the other process alone', async (_, text, how) => {
  expect(await inChildProcess(task(`export default async () => { ${text} };`), 1, options)).toBe(`ended: ${how}`);
});

it('ends what takes longer than it may', async () => {
  const endless = task('export default () => new Promise(() => setInterval(() => {}, 1000));');
  expect(await inChildProcess(endless, 1, { ...options, seconds: 0.5 })).toBe('ended: SIGKILL');
});

it('runs a module that is TypeScript here', async () => {
  const here: Task<number, string> = { module: new URL('file:///task.ts'), run: (n) => `${n} here` };
  expect(await inChildProcess(here, 1, options)).toBe('1 here');
});
