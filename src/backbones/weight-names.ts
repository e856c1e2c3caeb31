/**
 * What the collections of pretrained networks call the same arrays, as replacements in a name, in order; what comes out is torchvision's
 * name with timm's `se` for squeeze-and-excitation.
 */
const RENAMINGS: readonly (readonly [from: RegExp, to: string])[] = [
  [/^((module|model|backbone|encoder)\.)+/, ''], // torch's DataParallel and other wrappers
  [/^layer0\.(conv1|bn1)\./, '$1.'], // Cadene and timm's legacy networks: the stem is a layer of its own
  [/\.se_module\./, '.se.'], // the same two
  [/\.gamma$/, '.weight'],
  [/\.beta$/, '.bias'],
];

/** Arrays that come with the weights but belong to no stage: the classifier, a count that batch normalisation keeps, a training's state. */
const IGNORED =
  /(^|\.)num_batches_tracked$|^(last_linear|fc|classifier|head|optimizer|lr_scheduler|scheduler|scaler|model_ema)\./;

/** The name a network asks for, of an array that a file calls so; undefined where no stage needs it. */
export function canonicalName(nameInFile: string): string | undefined {
  const name = RENAMINGS.reduce((current, [from, to]) => current.replace(from, to), nameInFile);
  return IGNORED.test(nameInFile) || IGNORED.test(name) ? undefined : name;
}
