import { UsageError } from '../../core/errors.ts';
import type { ListFolder } from '../../core/folder-listing.ts';
import { openFile } from '../../formats/open.ts';
import { type Environment, withSource } from '../environment.ts';

/** The paper's network. */
export const PAPER_NETWORK = 'se_resnext50_32x4d';
const NEXT_BEST = 'resnet50';

/** A network and its weights, as a study's `backbone` names them. */
export interface ChosenNetwork {
  readonly architecture: string;
  readonly weights?: string;
}

/** Where to look for weights. */
export interface NetworkSources {
  /** A file of either network's weights that the user named. */
  readonly weights?: string | undefined;
  /** Folder of the challenge's data. */
  readonly data: string;
  readonly listFolder: ListFolder;
}

/** Files of weights by their names, the paper's network first. */
const WEIGHTS_FILES: readonly (readonly [string, RegExp])[] = [
  [PAPER_NETWORK, /^(legacy_)?se_?resnext50.*\.(pth|safetensors)$/i],
  [NEXT_BEST, /^resnet50.*\.(pth|safetensors)$/i],
];

/**
 * The network to reproduce with: of the file that the user names, else the paper's where its weights were downloaded, else the first whose
 * weights lie in a folder `weights` in the data's folder or one of the two above it.
 * @throws UsageError where there are none, with the ways to get them
 */
export async function chooseNetwork(
  { weights, data, listFolder }: NetworkSources,
  environment: Environment,
): Promise<ChosenNetwork> {
  if (weights !== undefined) return { architecture: await architectureOf(weights, environment), weights };
  const downloaded = await environment.findWeights(PAPER_NETWORK).catch((error: unknown) => {
    if (error instanceof UsageError) return undefined; // not downloaded
    throw error;
  });
  if (downloaded !== undefined) return { architecture: PAPER_NETWORK };
  const { joinPath } = environment;
  const places = [data, joinPath(data, '..'), joinPath(joinPath(data, '..'), '..')].map((each) =>
    joinPath(each, 'weights'),
  );
  for (const [architecture, pattern] of WEIGHTS_FILES) {
    for (const place of places) {
      const file = (await listFolder(place))?.files.find((name) => pattern.test(name));
      if (file !== undefined) return { architecture, weights: joinPath(place, file) };
    }
  }
  throw new UsageError(
    `reproduce: expected the weights of ${PAPER_NETWORK}, found none; fetch them with hypercolumn weights ${PAPER_NETWORK}, or name a file of them or of ${NEXT_BEST}'s by --weights FILE`,
  );
}

/** Which of the two networks a file of weights is of: squeeze-and-excitation is the paper's. */
async function architectureOf(weights: string, environment: Environment): Promise<string> {
  const names = await withSource(environment, weights, async (source) => (await openFile(source)).entries);
  return names.some(({ name }) => /\.se(_module)?\.fc1\./.test(name)) ? PAPER_NETWORK : NEXT_BEST;
}
