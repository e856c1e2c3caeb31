import type { Study, StudyDataSet } from './study-file.ts';

const FILE_ARCHITECTURES = ['onnx:', 'features:'] as const;

/** The study with every path made absolute by `resolve`, which knows the study file's folder. */
export function resolvePaths(study: Study, resolve: (path: string) => string): Study {
  const { backbone, data, test } = study;
  return {
    ...study,
    backbone: {
      ...backbone,
      architecture: resolveArchitecture(backbone.architecture, resolve),
      ...(backbone.weights !== undefined && { weights: resolveWeights(backbone.weights, resolve) }),
    },
    data: data.map((entry) => resolveDataSet(entry, resolve)),
    test: test.map((entry) => resolveDataSet(entry, resolve)),
  };
}

function resolveDataSet(entry: StudyDataSet, resolve: (path: string) => string): StudyDataSet {
  const { images, rdms, order, labels } = entry;
  return {
    ...entry,
    images: resolve(images),
    rdms: resolve(rdms),
    ...(order !== undefined && { order: resolve(order) }),
    ...(labels !== undefined && { labels: resolve(labels) }),
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
