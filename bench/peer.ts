import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The paper's method written literally in PyTorch, to be measured beside ours in the same run. */
export interface Peer {
  /** Milliseconds an image of a forward pass. */
  forward(batch: number): number;
  /** Seconds of one training step. */
  step(train: 'mask' | 'all', nPairs: number): number;
  /** Seconds of training steps on all pairs of some images: forward and backward pass, and Adam. */
  clique(nImages: number, nSteps: number): { readonly pass: number; readonly update: number }[];
}

/** The peer of HYPERCOLUMN_DATA/peers, run by HYPERCOLUMN_PYTHON or the first Python that has torch; undefined where either is missing. */
export function findPeer(): Peer | undefined {
  const script = join(process.env['HYPERCOLUMN_DATA'] ?? '', 'peers', 'literal_torch.py');
  if (!existsSync(script)) return undefined;
  const env = { ...process.env, OMP_NUM_THREADS: String(availableParallelism()) };
  const python = [process.env['HYPERCOLUMN_PYTHON'], '/usr/bin/python3', 'python3'].find(
    (name) => name !== undefined && hasTorch(name),
  );
  if (python === undefined) return undefined;
  const output = (...args: string[]) => execFileSync(python, args, { env, encoding: 'utf8' });
  const run = (...args: string[]) => Number.parseFloat(output(script, ...args));
  const cliqueScript = fileURLToPath(new URL('clique_step.py', import.meta.url));
  return {
    forward: (batch) => run('forward', '--batch', String(batch)),
    step: (train, nPairs) => run('step', '--train', train, '--pairs', String(nPairs)),
    clique: (nImages, nSteps) =>
      output(cliqueScript, dirname(script), String(nImages), String(nSteps))
        .trim()
        .split('\n')
        .map((line) => {
          const [pass, update] = line.split(' ').map(Number);
          return { pass, update };
        }),
  };
}

function hasTorch(python: string): boolean {
  try {
    execFileSync(python, ['-c', 'import torch'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
