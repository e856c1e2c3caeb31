import type { Study } from './study-file.ts';

const FILE_ARCHITECTURES = ['onnx:', 'features:'] as const;

/** The study with every path made absolute by `resolve`, which knows the study file's folder. */
export function resolvePaths(study: Study, resolve: (path: string) => string): Study {
  const { backbone, data } = study;
  return {
    ...study,
    backbone: {
      ...backbone,
      architecture: resolveArchitecture(backbone.architecture, resolve),
      ...(backbone.weights !== undefined && { weights: resolveWeights(backbone.weights, resolve) }),
    },
    data: data.map((entry) => ({
      ...entry,
      images: resolve(entry.images),
      rdms: resolve(entry.rdms),
      ...(entry.order !== undefined && { order: resolve(entry.order) }),
    })),
  };
}

/** `onnx:FILE` and `features:FILE` with the file's path resolved; names of architectures as they are. */
export function resolveArchitecture(architecture: string, resolve: (path: string) => string): string {
  const prefix = FILE_ARCHITECTURES.find((each) => architecture.startsWith(each));
  return prefix === undefined ? architecture : prefix + resolve(architecture.slice(prefix.length));
}

function resolveWeights(weights: string, resolve: (path: string) => string): string {
  return weights === 'untrained' ? weights : resolve(weights);
}
