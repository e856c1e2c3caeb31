import { UsageError } from '../core/errors.ts';
import type { FeatureStream } from '../features/features.ts';
import { layOutSafetensors } from '../formats/safetensors-write.ts';
import type { Sink } from '../formats/source.ts';
import type { Environment } from './environment.ts';
import { NETWORK, openFeatureOrigin } from './features.ts';
import type { Study } from './settings/study-file.ts';

/** What to extract from which images. */
export interface ExtractOptions {
  /** Folder of the images. */
  readonly images: string;
  readonly backbone: Study['backbone'];
}

const ENDING = '.safetensors';

/**
 * Stage features of a folder of images as a .safetensors file: for each stage a float32 tensor n x C x H x W, and in the metadata `names`
 * (a JSON array, the images in order), `backbone`, `preprocess`, `input` where it is not the network's own, `network`, which names the
 * network, its weights and preprocessing without the images, and `key`, which names the contents. Images are written as they are
 * computed, so that neither all images nor all features are ever held; the file appears when it is whole.
 * @throws UsageError where `out` has another ending; otherwise as the images, the backbone and the disk do
 */
export async function extractToFile(
  out: string,
  { images, backbone }: ExtractOptions,
  environment: Environment,
): Promise<Pick<FeatureStream, 'conditions' | 'stages'>> {
  if (!out.toLowerCase().endsWith(ENDING)) {
    throw new UsageError(`${out}: features are written as ${ENDING}; give a file of that ending`);
  }
  await environment.checkWritable(out);
  const stimuli = await environment.listImages(images);
  const origin = await openFeatureOrigin(backbone, environment);
  try {
    const stream = await origin.streamOf(stimuli);
    await environment.writeFile(out, (sink) =>
      writeFeatures(sink, stream, {
        backbone: origin.name,
        // How images were fitted to a network that ran elsewhere is not known here.
        ...(!backbone.architecture.startsWith('features:') && howImagesWereSeen(backbone)),
        ...(origin.network !== undefined && { [NETWORK]: origin.network }),
      }),
    );
    return stream;
  } finally {
    await origin.release();
  }
}

function howImagesWereSeen({ preprocess, input }: Study['backbone']): Record<string, string> {
  if (input === undefined) return { preprocess };
  return { preprocess, input: typeof input === 'string' ? input : JSON.stringify(input) };
}

/** Writes a stream's features as they come. */
export async function writeFeatures(
  sink: Sink,
  stream: FeatureStream,
  metadata: Readonly<Record<string, string>> = {},
): Promise<void> {
  const { conditions, stages, key } = stream;
  const { header, offsets } = layOutSafetensors(
    stages.map(({ name, channels, height, width }) => ({
      name,
      dtype: 'float32',
      shape: [conditions.length, channels, height, width],
    })),
    { names: JSON.stringify(conditions), ...metadata, key },
  );
  await sink.write(0, header);
  let image = 0;
  let writing: Promise<unknown> = Promise.resolve();
  for await (const features of stream.read()) {
    await writing;
    const row = image++;
    // Not waited for: the next image is computed while this one is written.
    writing = Promise.all(
      stages.map(({ name }, k) => {
        const { buffer, byteOffset, byteLength } = features[k];
        return sink.write(offsets.get(name)! + row * byteLength, new Uint8Array(buffer, byteOffset, byteLength));
      }),
    );
    writing.catch(() => {}); // It is thrown where it is awaited.
  }
  await writing;
}

/** What `--stages` says: a count, or names between commas. */
export function parseStages(text: string): number | string[] {
  if (/^\d+$/.test(text)) return Number(text);
  const names = text.split(',').map((name) => name.trim());
  if (names.includes('')) {
    throw new UsageError(`--stages: expected a number or names between commas, got ${JSON.stringify(text)}`);
  }
  return names;
}
