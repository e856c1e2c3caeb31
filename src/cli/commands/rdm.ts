import { DISTANCE_METRICS, RDM_FILES, READABLE_FILES } from '../../study/settings/choices.ts';
import type { AddCommand } from '../command.ts';

interface RdmArguments {
  readonly variable?: string;
  readonly metric: string;
  readonly out: string;
}

/** `hypercolumn rdm FEATURES [--variable NAME] --metric NAME --out FILE` */
export const addRdm: AddCommand = (program, output) => {
  program
    .command('rdm')
    .summary('compute the RDM of the rows of an array')
    .description(
      'Compute the RDM of the rows of an array; axes beyond the first are flattened. Metrics mean what they mean in scipy.',
    )
    .argument('<features>', READABLE_FILES)
    .option('--variable <name>', 'the array, where the file has several')
    .requiredOption('--metric <name>', DISTANCE_METRICS.join(', '))
    .requiredOption('--out <file>', `where the RDM goes: ${RDM_FILES}`)
    .action(async (path: string, { variable, metric: metricName, out }: RdmArguments) => {
      const { metricNamed, rdmOfFeatures } = await import('../../study/rdms/rdm-of-features.ts');
      const { rdmEnding, saveRdms } = await import('../../study/rdms/save-rdms.ts');
      const { withFileSource, writeFileAtomically } = await import('../../host/files.ts');
      const { checkWritable } = await import('../../host/writable.ts');
      const metric = metricNamed(metricName);
      const ending = rdmEnding(out);
      await checkWritable(out);
      const openGram = async () => {
        const { engineGram } = await import('../../engine/gram.ts');
        const { nodeEngine } = await import('../../engine/node.ts');
        return engineGram(await nodeEngine());
      };
      const rdm = await withFileSource(path, (source) =>
        rdmOfFeatures(source, { ...(variable !== undefined && { variable }), metric, openGram }),
      );
      await saveRdms(out, { rdm }, { writeFile: writeFileAtomically });
      const names =
        rdm.conditions === null
          ? `${path} holds no names of the rows`
          : ending === 'npy'
            ? 'without the names of the rows, for which .npy has no room'
            : 'with the names of the rows';
      output.say(`Wrote rdm (${rdm.nConditions} x ${rdm.nConditions}, ${metric}) to ${out}; ${names}.`);
    });
};
