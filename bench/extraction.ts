// Milliseconds an image for the whole of an extraction by SE-ResNeXt-50 (files decoded, preprocessed, run through the network, features
// written out), in turns with the literal PyTorch peer's forward pass alone, which neither reads nor writes.
// Takes 3 GB of the temporary folder and gives them back. Run: HYPERCOLUMN_DATA=DIR tsx bench/extraction.ts [rounds]. peer.ts says how the peer is found.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { nodeEnvironment } from '../src/node.ts';
import { extractToFile } from '../src/study/extract.ts';
import { algonautsStudy, linkImages, TARGETS } from './algonauts.ts';
import { median } from './median.ts';
import { findPeer } from './peer.ts';

const PEER_BATCH = 16;

/** Enough that opening the network, a second, is a small part as it is in use. */
const N_IMAGES = 400;

/** Medians over the rounds, milliseconds an image. */
export interface ExtractionTimes {
  readonly ours: number;
  /** Null where there is no PyTorch. */
  readonly peer: number | null;
  /** Median over the rounds of the peer's time by ours: how many times faster we are. */
  readonly ratio: number | null;
}

/** Measures a round at a time: an extraction, opening the network included, then the peer. */
export async function measureExtraction(rounds = 3): Promise<ExtractionTimes> {
  const folder = mkdtempSync(join(tmpdir(), 'hypercolumn-extraction-'));
  const images = join(folder, 'images');
  linkImages(images, N_IMAGES);
  const { backbone } = algonautsStudy([{ images: '118', target: TARGETS[0] }], {
    backbone: { architecture: 'se_resnext50_32x4d', weights: 'untrained' },
  });
  const environment = await nodeEnvironment({ cache: join(folder, 'cache') });
  const peer = findPeer();
  const ours: number[] = [];
  const theirs: number[] = [];
  try {
    for (let round = 0; round < rounds; round++) {
      const start = performance.now();
      await extractToFile(join(folder, 'features.safetensors'), { images, backbone }, environment);
      ours.push((performance.now() - start) / N_IMAGES);
      if (peer !== undefined) theirs.push(peer.forward(PEER_BATCH));
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
  return {
    ours: median(ours),
    peer: theirs.length > 0 ? median(theirs) : null,
    ratio: theirs.length > 0 ? median(theirs.map((time, round) => time / ours[round])) : null,
  };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const { ours, peer, ratio } = await measureExtraction(Number(process.argv[2] ?? 3));
  console.log(`ours, ${N_IMAGES} files to features on disk: ${ours.toFixed(1)} ms/image`);
  console.log(
    peer === null ? 'PyTorch: not found' : `PyTorch, forward, batch ${PEER_BATCH}: ${peer.toFixed(1)} ms/image`,
  );
  if (ratio !== null) console.log(`PyTorch by ours: ${ratio.toFixed(2)}`);
}
