import { z } from 'zod';
import { MASK_RESOLUTIONS } from '../../encoder/encoder.ts';
import { COMPARATOR_NAMES } from '../../rdm/comparators.ts';
import { RIVAL_NAMES } from '../rivals/rival.ts';
import { FEATURE_ORIGINS } from './choices.ts';
import { PRESET_NAMES } from './presets.ts';
import { seed, training } from './training-schema.ts';

const name = z.string().min(1);
const positive = z.number().positive();
const triple = z.tuple([z.number(), z.number(), z.number()]);

const backbone = z.strictObject({
  architecture: name.meta({
    description: `${FEATURE_ORIGINS.join(', ')}; files relative to the study file`,
  }),
  weights: name.optional().meta({
    description: 'a .pth or .safetensors file, or "untrained" for seeded random weights; downloaded weights by default',
  }),
  stages: z
    .union([z.int().positive(), z.array(name).min(1)])
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
  seed: seed.meta({ description: 'seed of untrained weights' }),
});

const encoder = z.strictObject({
  mask: z.enum(MASK_RESOLUTIONS).default('split').meta({
    description:
      'one value a stage, a channel, two a channel (split: for its pattern and for its mean over positions), or one a feature',
  }),
  train: z
    .enum(['mask', 'all'])
    .default('mask')
    .meta({ description: "all: the network's weights learn together with the mask" }),
  trainFrom: name.optional().meta({
    description:
      'with train: all, the first stage whose weights learn; what is below stays as it is and is computed once',
  }),
  scale: z.enum(['none', 'channel']).default('channel').meta({
    description: 'channel: every channel to about unit energy over the training images before the mask',
  }),
  readout: z.enum(['affine', 'identity']).default('affine').meta({
    description: 'affine: a (1 - r) + b with an a > 0 and a b a data set; identity: 1 - r itself meets the RDMs',
  }),
});

const dataSet = z.strictObject({
  images: name.meta({ description: 'folder of images; row i of the RDMs is the i-th image in name order' }),
  rdms: name.meta({ description: 'file with an RDM a subject: nSubjects x n x n, MEG nSubjects x nTimes x n x n' }),
  variable: name.optional().meta({ description: 'array in the file, where it holds several' }),
  order: name.optional().meta({
    description: 'a .csv with the image name of each row of the RDMs, where rows are not in name order or are a subset',
  }),
  name: name.optional().meta({ description: 'how results call this data set; the variable or file by default' }),
  labels: name.optional().meta({
    description:
      'a .csv with a category for each image, in columns name and category: a rival, and what the report groups by',
  }),
});

const count = z.int().nonnegative();

const scoring = z.strictObject({
  rivals: z
    .union([z.enum(['all', 'none']), z.array(z.enum(RIVAL_NAMES)).min(1)])
    .default('all')
    .meta({
      description: 'models that the fit is held beside, on the same training images and the same test',
    }),
  comparator: z.enum(COMPARATOR_NAMES).default('spearman').meta({ description: 'how RDMs are compared' }),
  samples: count
    .refine((samples) => samples !== 1, '0 or a whole number from 2, since one sample has no variance')
    .default(1000)
    .meta({
      description: 'bootstrap samples over subjects and images; 0 for no intervals and t tests, else at least 2',
    }),
  permutations: count.default(1000).meta({ description: 'permutations of image labels; 0 for no permutation tests' }),
});

/** What a study file may say; how its settings go together is `settleTogether`'s. */
export const studySchema = z.strictObject({
  backbone,
  encoder: encoder.prefault({}),
  data: z.array(dataSet).min(1),
  test: z
    .array(dataSet)
    .default([])
    .meta({ description: 'data sets that are never learnt from, on which the fit is scored' }),
  training: training.prefault({}),
  scoring: scoring.prefault({}),
});

/** A study's settings one by one: those whose default rests on others are still open. */
export type StudySettings = z.output<typeof studySchema>;

type TrainingSchema = StudySettings['training'];
type Settled = 'sampler' | 'weightDecay';

/** A study with every setting filled in: what to learn from which images, RDMs and network, and how. */
export type Study = Omit<StudySettings, 'training'> & {
  readonly training: Omit<TrainingSchema, Settled> & {
    readonly [Name in Settled]: NonNullable<TrainingSchema[Name]>;
  };
};

/** One entry of a study's `data`. */
export type StudyDataSet = Study['data'][number];

/** The JSON Schema of study files, for editors. */
export function studyJsonSchema(): Record<string, unknown> {
  const { required: _, ...schema } = z.toJSONSchema(studySchema, { io: 'input' });
  const preset = { type: 'string', enum: PRESET_NAMES, description: 'settings beneath those of the study' };
  return {
    ...schema,
    properties: { ...schema.properties, preset },
    required: ['data'], // and a backbone, which may be the preset's
  };
}
