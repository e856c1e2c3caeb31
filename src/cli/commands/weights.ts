import { DOWNLOADABLE } from '../../study/settings/choices.ts';
import type { AddCommand } from '../command.ts';

interface WeightsOptions {
  readonly cache?: string;
  readonly url?: string;
  readonly json?: true;
}

/** `hypercolumn weights NAME`: downloads and checks pretrained weights; prints their path. */
export const addWeights: AddCommand = (program, output) => {
  program
    .command('weights')
    .description("download a network's pretrained weights and check them; what is there already is only checked")
    .argument('<name>', `the network: ${DOWNLOADABLE.join(', ')}`)
    .option('--cache <dir>', "the cache folder ($HYPERCOLUMN_CACHE, else the user's cache folder)")
    .option('--url <url>', 'another place of the same file, such as a mirror')
    .option('--json', 'print one JSON document')
    .action(async (name: string, options: WeightsOptions) => {
      const [{ downloadableWeights }, { downloadFile }, { chooseCacheFolder }] = await Promise.all([
        import('../../study/weights.ts'),
        import('../../host/download.ts'),
        import('../../host/cache-folder.ts'),
      ]);
      const file = downloadableWeights(name);
      const path = await downloadFile(file, chooseCacheFolder(options.cache), {
        ...(options.url === undefined ? {} : { url: options.url }),
        onProgress: output.onProgress,
        onNotice: output.say,
      });
      output.result(options.json ? JSON.stringify({ name, path, size: file.size, sha256: file.sha256 }) : path);
    });
};
