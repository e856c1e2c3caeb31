import { Option } from 'commander';
import { FEATURE_ORIGINS } from '../../study/settings/choices.ts';
import type { AddCommand } from '../command.ts';
import type { EnvironmentOptions } from '../environment.ts';
import { addEnvironmentOptions } from '../study-arguments.ts';

interface ExtractArguments extends EnvironmentOptions {
  readonly images: string;
  readonly backbone: string;
  readonly weights?: string;
  readonly stages?: string;
  readonly preprocess: 'crop' | 'squash';
  readonly input?: 'imagenet' | 'caffe';
  readonly seed: string;
  readonly out: string;
}

/** `hypercolumn extract --images DIR --backbone NAME [...] --out F.safetensors` */
export const addExtract: AddCommand = (program, output) => {
  addEnvironmentOptions(program.command('extract'))
    .summary('write the stage features of images to a file')
    .requiredOption('--images <dir>', 'folder of images')
    .requiredOption('--backbone <name>', `${FEATURE_ORIGINS.join(', ')} (to copy those of some images)`)
    .option('--weights <file>', 'a .pth or .safetensors file, or "untrained" for seeded random weights')
    .option('--stages <stages>', '5, 17, or names between commas (default: those of the network)')
    .addOption(
      new Option('--preprocess <fit>', 'crop the centre, or squash the whole image to the input')
        .choices(['crop', 'squash'])
        .default('crop'),
    )
    .addOption(
      new Option('--input <convention>', "how pixels become an ONNX model's input").choices(['imagenet', 'caffe']),
    )
    .option('--seed <number>', 'seed of untrained weights', '0')
    .requiredOption('--out <file>', 'where the features go, a .safetensors file')
    .action(
      async ({ images, backbone, weights, stages, preprocess, input, seed, out, ...options }: ExtractArguments) => {
        const { commandEnvironment, parseSeed } = await import('../environment.ts');
        const { extractToFile, parseStages } = await import('../../study/extract.ts');
        const written = await extractToFile(
          out,
          {
            images,
            backbone: {
              architecture: backbone,
              preprocess,
              seed: parseSeed(seed),
              ...(weights !== undefined && { weights }),
              ...(stages !== undefined && { stages: parseStages(stages) }),
              ...(input !== undefined && { input }),
            },
          },
          await commandEnvironment(options, output, { weightsBy: '--weights FILE' }),
        );
        const shapes = written.stages.map(
          ({ name, channels, height, width }) => `${name} (${channels} x ${height} x ${width})`,
        );
        output.say(`Wrote ${written.conditions.length} images' ${shapes.join(', ')} to ${out}.`);
      },
    );
};
