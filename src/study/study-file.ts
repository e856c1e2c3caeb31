import { parse as parseYaml } from 'yaml';
import { z } from 'zod';
import { FormatError, messageOf, UsageError } from '../core/errors.ts';
import { MASK_RESOLUTIONS } from '../encoder/encoder.ts';
import { FEATURE_ORIGINS } from './choices.ts';
import { explainIssue } from './explain-issue.ts';

const positive = z.number().positive();
const count = z.int().positive();
const triple = z.tuple([z.number(), z.number(), z.number()]);

const backbone = z.strictObject({
  architecture: z
    .string()
    .min(1)
    .meta({
      description: `${FEATURE_ORIGINS.join(', ')}; files relative to the study file`,
    }),
  weights: z.string().min(1).optional().meta({
    description: 'a .pth or .safetensors file, or "untrained" for seeded random weights; downloaded weights by default',
  }),
  stages: z
    .union([z.int().positive(), z.array(z.string().min(1)).min(1)])
    .optional()
    .meta({ description: '5 or 17 for the residual networks, or names of stages (of inner tensors for ONNX models)' }),
  preprocess: z.enum(['crop', 'squash']).default('crop').meta({
    description: 'crop: shorter side to 256 and the centre of 224; squash: all of the image to 224 x 224',
  }),
  input: z
    .union([
      z.enum(['imagenet', 'caffe']),
      z.strictObject({ order: z.enum(['rgb', 'bgr']), scale: positive, mean: triple, std: triple }),
    ])
    .optional()
    .meta({ description: 'how pixels from 0 to 255 become the input of an ONNX model: (value * scale - mean) / std' }),
  seed: z.int().min(0).max(0xffffffff).default(0).meta({ description: 'seed of untrained weights' }),
});

const encoder = z.strictObject({
  mask: z.enum(MASK_RESOLUTIONS).default('split').meta({
    description:
      'one value a stage, a channel, or two a channel (split): for its pattern and for its mean over positions',
  }),
  train: z.enum(['mask']).default('mask'),
  scale: z.enum(['none', 'channel']).default('channel').meta({
    description: 'channel: every channel to about unit energy over the training images before the mask',
  }),
  readout: z.enum(['affine', 'identity']).default('affine').meta({
    description: 'affine: a (1 - r) + b with an a > 0 and a b a data set; identity: 1 - r itself meets the RDMs',
  }),
});

const dataSet = z.strictObject({
  images: z
    .string()
    .min(1)
    .meta({ description: 'folder of images; row i of the RDMs is the i-th image in name order' }),
  rdms: z
    .string()
    .min(1)
    .meta({ description: 'file with an RDM a subject: nSubjects x n x n, MEG nSubjects x nTimes x n x n' }),
  variable: z.string().min(1).optional().meta({ description: 'array in the file, where it holds several' }),
  order: z.string().min(1).optional().meta({
    description: 'a .csv with the image name of each row of the RDMs, where rows are not in name order or are a subset',
  }),
  name: z
    .string()
    .min(1)
    .optional()
    .meta({ description: 'how results call this data set; the variable or file by default' }),
});

const training = z.strictObject({
  epochs: count.default(15),
  batch: count.default(40).meta({ description: 'pairs a step' }),
  learningRate: z
    .union([
      positive.transform((rate) => ({ mask: rate, readout: rate })),
      z.strictObject({ mask: positive.default(0.003), readout: positive.default(0.01) }),
    ])
    .default({ mask: 0.003, readout: 0.01 }),
  loss: z.enum(['l1', 'mse']).default('l1'),
  reliability: z
    .union([
      z.literal('none'),
      z.strictObject({ alpha: z.number().nonnegative().default(0.25), beta: z.number().nonnegative().default(1) }),
    ])
    .default({ alpha: 0.25, beta: 1 })
    .meta({ description: 'weight of a pair: (1 / (N + alpha mean(N)))^beta, N its standard deviation over subjects' }),
  sampler: z.enum(['pairs']).default('pairs'),
  crop: z.enum(['none']).default('none'),
  seed: z.int().min(0).max(0xffffffff).default(0),
  holdout: z
    .strictObject({ by: z.enum(['image', 'pair']).default('image'), fraction: z.number().gt(0).lt(1).default(0.1) })
    .optional()
    .meta({
      description: 'keeps the epoch with the lowest loss on what is held out; without it the last epoch is kept',
    }),
});

const studySchema = z.strictObject({
  backbone,
  encoder: encoder.prefault({}),
  data: z.array(dataSet).min(1),
  training: training.prefault({}),
});

/** A study with every setting filled in: what to learn from which images, RDMs and network, and how. */
export type Study = z.output<typeof studySchema>;

/** One entry of a study's `data`. */
export type StudyDataSet = Study['data'][number];

/** The JSON Schema of study files, for editors. */
export function studyJsonSchema(): Record<string, unknown> {
  return z.toJSONSchema(studySchema, { io: 'input' }) as Record<string, unknown>;
}

/**
 * Checks a study's settings and fills in the defaults.
 * @param name where the settings come from; leads the message
 * @throws UsageError naming the first setting that cannot be used, what was expected and what came
 */
export function checkStudy(settings: unknown, name = 'study'): Study {
  const checked = studySchema.safeParse(settings);
  if (checked.success) return checked.data;
  const { issues } = checked.error;
  const mistyped = issues.find(({ code }) => code === 'unrecognized_keys'); // a key that is missing is often this one
  throw new UsageError(`${name}: ${explainIssue(mistyped ?? issues[0], settings, studyJsonSchema())}`);
}

/**
 * Reads a study file's text: YAML, of which JSON is a part.
 * @param overrides settings as the command line gives them: `training.epochs=8`, applied before the check; values are YAML
 * @throws FormatError where the text is no YAML, UsageError where a setting cannot be used
 */
export function parseStudy(text: string, name: string, overrides: readonly string[] = []): Study {
  if (/[\0\uFFFD]/.test(text)) {
    const kind = text.startsWith('MATLAB') ? 'a MATLAB file' : 'a binary file or text that is not UTF-8';
    throw new FormatError(name, `expected a study in YAML or JSON, got ${kind}; RDMs are named in a study, under data`);
  }
  let settings: unknown;
  try {
    settings = parseYaml(text, { maxAliasCount: 100, logLevel: 'error' });
  } catch (error) {
    throw new FormatError(name, `expected YAML or JSON, got text that is neither (${messageOf(error).split('\n')[0]})`);
  }
  if (typeof settings !== 'object' || settings === null || Array.isArray(settings)) {
    throw new FormatError(
      name,
      'expected a study with the keys backbone and data, got something else; see the README for one',
    );
  }
  for (const override of overrides) applyOverride(settings as Record<string, unknown>, override);
  return checkStudy(settings, name);
}

function applyOverride(settings: Record<string, unknown>, override: string): void {
  const at = override.indexOf('=');
  if (at <= 0) throw new UsageError(`--set ${override}: expected a.b=value, such as training.epochs=8`);
  const keys = override.slice(0, at).split('.');
  let target: Record<string, unknown> = settings;
  for (const key of keys.slice(0, -1)) {
    const inner = Object.hasOwn(target, key) ? target[key] : undefined;
    if (typeof inner !== 'object' || inner === null) {
      Object.defineProperty(target, key, { value: {}, enumerable: true, configurable: true, writable: true });
    }
    target = target[key] as Record<string, unknown>;
  }
  const value: unknown = parseOverride(override, at);
  Object.defineProperty(target, keys.at(-1)!, { value, enumerable: true, configurable: true, writable: true });
}

function parseOverride(override: string, at: number): unknown {
  try {
    return parseYaml(override.slice(at + 1), { logLevel: 'error' });
  } catch (error) {
    throw new UsageError(`--set ${override}: the value is no YAML (${messageOf(error).split('\n')[0]})`);
  }
}
