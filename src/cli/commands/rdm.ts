import { UsageError } from '../../core/errors.ts';
import type { RdmOfMeasurementsOptions } from '../../study/rdms/rdm-of-measurements.ts';
import { DISTANCE_METRICS, NOISE_METRICS, RDM_FILES, READABLE_FILES } from '../../study/settings/choices.ts';
import type { AddCommand } from '../command.ts';
import type { Output } from '../output.ts';

interface RdmArguments {
  readonly variable?: string;
  readonly metric: string;
  readonly conditions?: string;
  readonly folds?: string;
  readonly noise?: string;
  readonly out: string;
}

/** `hypercolumn rdm FEATURES [--variable NAME] --metric NAME --out FILE` */
export const addRdm: AddCommand = (program, output) => {
  program
    .command('rdm')
    .summary('compute the RDM of the rows of an array')
    .description(
      'Compute the RDM of the rows of an array; axes beyond the first are flattened. Metrics mean what they mean in scipy; crossnobis, of rows that ' +
        'measure conditions repeatedly, is squared, over the number of columns, and may fall below 0.',
    )
    .argument('<features>', READABLE_FILES)
    .option('--variable <name>', 'the array, where the file has several')
    .requiredOption('--metric <name>', [...DISTANCE_METRICS, ...NOISE_METRICS].join(', '))
    .option(
      '--conditions <name>',
      "array of each row's condition (default: the file's names); for mahalanobis and crossnobis",
    )
    .option('--folds <name>', "array of each row's run or session; for crossnobis")
    .option(
      '--noise <file[:name]>',
      "the noise's precision (columns x columns), or rows of residuals to estimate it from; `residuals` for the rows' own about their conditions",
    )
    .requiredOption('--out <file>', `where the RDM goes: ${RDM_FILES}`)
    .action(async (path: string, { out, ...given }: RdmArguments) => {
      const { rdmEnding, saveRdms } = await import('../../study/rdms/save-rdms.ts');
      const { writeFileAtomically } = await import('../../host/files.ts');
      const { checkWritable } = await import('../../host/writable.ts');
      const compute = await computation(path, given, output);
      const ending = rdmEnding(out);
      await checkWritable(out);
      const rdm = await compute();
      await saveRdms(out, { rdm }, { writeFile: writeFileAtomically });
      const names =
        rdm.conditions === null
          ? `${path} holds no names of the rows`
          : ending === 'npy'
            ? 'without the names of the rows, for which .npy has no room'
            : 'with the names of the rows';
      output.say(`Wrote rdm (${rdm.nConditions} x ${rdm.nConditions}, ${given.metric}) to ${out}; ${names}.`);
    });
};

/** What gives the RDM; the metric and what it goes with are checked before anything is read. */
async function computation(
  path: string,
  { variable, metric, noise, ...design }: Omit<RdmArguments, 'out'>,
  output: Output,
) {
  const { withFileSource, withFileSources } = await import('../../host/files.ts');
  const chosen = variable !== undefined && { variable };
  const byNoise = NOISE_METRICS.find((known) => known === metric);
  if (byNoise === undefined) {
    const { metricNamed, rdmOfFeatures } = await import('../../study/rdms/rdm-of-features.ts');
    const options = { ...chosen, metric: metricNamed(metric), openGram };
    const [idle] = Object.keys({ ...design, ...(noise !== undefined && { noise }) });
    if (idle !== undefined) {
      throw new UsageError(`--${idle}: expected --metric ${NOISE_METRICS.join(' or ')} with it, got ${metric}`);
    }
    return () => withFileSource(path, (source) => rdmOfFeatures(source, options));
  }
  const { rdmOfMeasurements } = await import('../../study/rdms/rdm-of-measurements.ts');
  const onNotice = (notice: string) => output.say(`note: ${notice}`);
  const options: RdmOfMeasurementsOptions = { ...chosen, ...design, metric: byNoise, onNotice };
  if (noise === undefined || noise === 'residuals') {
    const own: Pick<RdmOfMeasurementsOptions, 'noise'> = noise === undefined ? {} : { noise };
    return () => withFileSource(path, (source) => rdmOfMeasurements(source, { ...options, ...own }));
  }
  const [noisePath, noiseVariable] = await fileAndVariable(noise);
  return () =>
    withFileSources([path, noisePath], ([source, noiseSource]) =>
      rdmOfMeasurements(source, { ...options, noise: { source: noiseSource, variable: noiseVariable } }),
    );
}

/** `FILE:NAME` taken apart, unless there is a file whose own name that is. */
async function fileAndVariable(text: string): Promise<[path: string, variable: string | undefined]> {
  const { isThere } = await import('../../host/folder.ts');
  const colon = text.lastIndexOf(':');
  if (colon < 1 || (await isThere(text))) return [text, undefined];
  return [text.slice(0, colon), text.slice(colon + 1)];
}

async function openGram() {
  const { engineGram } = await import('../../engine/gram.ts');
  const { nodeEngine } = await import('../../engine/node.ts');
  return engineGram(await nodeEngine());
}
