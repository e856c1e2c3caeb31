import { UsageError } from '../../core/errors.ts';
import type { AddCommand } from '../command.ts';

interface CacheCommandOptions {
  readonly cache?: string;
  readonly weights?: true;
  readonly json?: true;
}

/** `hypercolumn cache [clear]`: shows the cache folder, or removes its entries. */
export const addCache: AddCommand = (program, output) => {
  program
    .command('cache')
    .description('show the cache folder and what it takes; clear removes the entries')
    .argument('[action]', 'clear')
    .option('--cache <dir>', "the cache folder ($HYPERCOLUMN_CACHE, else the user's cache folder)")
    .option('--weights', 'with clear: remove downloaded weights too')
    .option('--json', 'print one JSON document')
    .action(async (action: string | undefined, options: CacheCommandOptions) => {
      if (action !== undefined && action !== 'clear') {
        throw new UsageError(`cache: expected clear or nothing, got ${action}`);
      }
      if (options.weights && action !== 'clear') throw new UsageError('cache: --weights goes with clear');
      const [{ chooseCacheFolder }, { clearCache }, { clearWeights, describeBytes, surveyCache }] = await Promise.all([
        import('../../host/cache-folder.ts'),
        import('../../host/cache.ts'),
        import('../../host/cache-survey.ts'),
      ]);
      const folder = chooseCacheFolder(options.cache);
      const cleared =
        action === undefined
          ? undefined
          : { blobs: await clearCache(folder), weights: options.weights ? await clearWeights(folder) : undefined };
      const survey = await surveyCache(folder);
      if (options.json) {
        const removed = cleared && {
          removed: {
            entries: cleared.blobs.entries,
            bytes: cleared.blobs.bytes,
            weights: cleared.weights?.map(({ file }) => file) ?? [],
          },
        };
        output.result(JSON.stringify({ ...survey, ...removed }));
        return;
      }
      if (cleared !== undefined) {
        output.say(`removed ${cleared.blobs.entries} entries, ${describeBytes(cleared.blobs.bytes)}`);
        for (const { file, bytes } of cleared.weights ?? []) output.say(`removed ${file}, ${describeBytes(bytes)}`);
        if (survey.weights.length > 0) output.say('downloaded weights are kept; clear --weights removes them too');
      }
      output.result(
        [
          `folder   ${survey.folder}`,
          `entries  ${survey.entries}, ${describeBytes(survey.bytes)} of at most ${describeBytes(survey.limit)}`,
          ...survey.weights.map(({ file, bytes }) => `weights  ${file}, ${describeBytes(bytes)}`),
        ].join('\n'),
      );
    });
};
