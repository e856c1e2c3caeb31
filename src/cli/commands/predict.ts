import { RDM_FILES } from '../../study/settings/choices.ts';
import type { AddCommand } from '../command.ts';
import type { EnvironmentOptions } from '../environment.ts';
import { addEnvironmentOptions } from '../study-arguments.ts';

interface PredictArguments extends EnvironmentOptions {
  readonly images: string;
  readonly out: string;
  readonly variable?: string[];
  readonly features?: string;
}

/** `hypercolumn predict`: the RDM of new images. */
export const addPredict: AddCommand = (program, output) => {
  addEnvironmentOptions(program.command('predict'))
    .summary('predict the RDM of new images with fitted encoders')
    .argument('<run...>', 'folders that fit wrote; several give one file with a variable each')
    .requiredOption('--images <dir>', 'folder of the new images')
    .requiredOption('--out <file>', `where the RDM goes: ${RDM_FILES}`)
    .option('--variable <name...>', "name of each run's array (default: the study's variable, else rdm)")
    .option('--features <file>', 'for runs on features:FILE, the activations of the new images')
    .action(async (runs: string[], { images, out, variable, features, ...options }: PredictArguments) => {
      const { commandEnvironment } = await import('../environment.ts');
      const { predictToFile } = await import('../../study/predict.ts');
      const rdms = await predictToFile(
        runs,
        out,
        { images, ...(variable !== undefined && { variables: variable }), ...(features !== undefined && { features }) },
        await commandEnvironment(options, output),
      );
      const described = Object.entries(rdms).map(
        ([name, { nConditions }]) => `${name} (${nConditions} x ${nConditions})`,
      );
      output.say(`Wrote ${described.join(', ')} to ${out}; rows are the images of ${images} in name order.`);
    });
};
