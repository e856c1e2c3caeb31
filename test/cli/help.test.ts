import { Command } from 'commander';
import { expect, it } from 'vitest';
import { NETWORKS } from '../../src/backbones/registry.ts';
import { DOWNLOADABLE_WEIGHTS } from '../../src/backbones/weights-registry.ts';
import { COMMANDS } from '../../src/cli/commands/index.ts';
import { READABLE_ENDINGS } from '../../src/formats/open.ts';
import { BENCHMARKS } from '../../src/rdm/benchmarks.ts';
import { DISTANCE_METRICS } from '../../src/rdm/distances.ts';

const program = new Command();
const output = { result: () => {}, say: () => {}, onProgress: () => {} };
for (const addCommand of COMMANDS) addCommand(program, output);

const endings = READABLE_ENDINGS.map((ending) => `.${ending}`);

it.each([
  ['inspect', endings],
  ['rdm', [...endings, ...DISTANCE_METRICS]],
  ['score', [...endings, ...Object.keys(BENCHMARKS)]],
  ['ceiling', endings],
  ['extract', [...Object.keys(NETWORKS), 'onnx:FILE', 'features:FILE']],
  ['weights', Object.keys(DOWNLOADABLE_WEIGHTS)],
])('the help of %s names all that the tables hold: %j', (name, listed) => {
  const command = program.commands.find((each) => each.name() === name)!;
  const words = command.helpInformation().split(/[\s,()]+/);
  for (const word of listed) expect(words).toContain(word);
});
