// Milliseconds an image for a forward pass of SE-ResNeXt-50, ours beside the literal PyTorch peer in turns, so that both meet the same load.
// Run: tsx bench/forward.ts [rounds]. peer.ts says how the peer is found.
import { pathToFileURL } from 'node:url';
import { networkBackbone } from '../src/backbones/network-backbone.ts';
import { randomParameters } from '../src/backbones/parameters.ts';
import { NETWORKS } from '../src/backbones/registry.ts';
import { seededRandom } from '../src/core/random.ts';
import { nodeEngine } from '../src/engine/node.ts';
import { median } from './median.ts';
import { findPeer } from './peer.ts';

const BATCHES = [1, 4, 8, 16];
const PEER_BATCH = 16;

/** Medians over the rounds, milliseconds an image. */
export interface ForwardTimes {
  readonly ours: Readonly<Record<number, number>>;
  /** Null where there is no PyTorch. */
  readonly peer: number | null;
  /** Median over the rounds of the peer's time by ours at a batch of 8: how many times faster we are. */
  readonly ratio: number | null;
}

/** Measures a round at a time: ours at every batch size, then the peer. */
export async function measureForward(rounds = 5): Promise<ForwardTimes> {
  const network = NETWORKS['se_resnext50_32x4d'];
  const backbone = await networkBackbone(network, { engine: await nodeEngine(), read: randomParameters(0) });
  const random = seededRandom(0);
  const pixels = Float32Array.from({ length: Math.max(...BATCHES) * 3 * 224 * 224 }, () => random.uniform() * 4 - 2);
  const peer = findPeer();
  const ours: Record<number, number[]> = Object.fromEntries(BATCHES.map((batch) => [batch, []]));
  const theirs: number[] = [];
  for (const batch of BATCHES) await backbone.run(pixels.subarray(0, batch * 3 * 224 * 224), batch);
  for (let round = 0; round < rounds; round++) {
    for (const batch of BATCHES) {
      const start = performance.now();
      await backbone.run(pixels.subarray(0, batch * 3 * 224 * 224), batch);
      ours[batch].push((performance.now() - start) / batch);
    }
    if (peer !== undefined) theirs.push(peer.forward(PEER_BATCH));
  }
  await backbone.release();
  return {
    ours: Object.fromEntries(BATCHES.map((batch) => [batch, median(ours[batch])])),
    peer: theirs.length > 0 ? median(theirs) : null,
    ratio: theirs.length > 0 ? median(theirs.map((time, round) => time / ours[8][round])) : null,
  };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const { ours, peer, ratio } = await measureForward(Number(process.argv[2] ?? 5));
  for (const [batch, time] of Object.entries(ours)) console.log(`ours, batch ${batch}: ${time.toFixed(1)} ms/image`);
  console.log(peer === null ? 'PyTorch: not found' : `PyTorch, batch ${PEER_BATCH}: ${peer.toFixed(1)} ms/image`);
  if (ratio !== null) console.log(`PyTorch by ours at batch 8: ${ratio.toFixed(2)}`);
}
