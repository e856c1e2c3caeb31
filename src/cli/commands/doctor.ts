import type { DeviceTrial } from '../../engine/devices.ts';
import type { CacheSurvey, DecoderState, Machine } from '../../host/index.ts';
import { DOWNLOADABLE } from '../../study/settings/choices.ts';
import type { AddCommand } from '../command.ts';
import type { Output } from '../output.ts';

interface DoctorOptions {
  readonly cache?: string;
  readonly json?: true;
}

/** Everything that commands need of a machine, and whether it is there. */
export interface Examination extends Machine {
  readonly hypercolumn: string;
  readonly devices: readonly DeviceTrial[];
  readonly images: DecoderState;
  readonly cache: CacheSurvey & {
    /** Why nothing can be kept there; null where it can. */
    readonly problem: string | null;
    /** Bytes. */
    readonly freeDisk: number | null;
  };
  /** Networks that weights can be downloaded for, with the file where it is at hand and else what to do. */
  readonly weights: readonly { readonly name: string; readonly path: string | null; readonly problem: string | null }[];
}

/** `hypercolumn doctor`: what this machine can do, what is missing, and the way out. */
export const addDoctor: AddCommand = (program, output) => {
  program
    .command('doctor')
    .description('what this machine can do, what is missing, and what to do about it')
    .option('--cache <dir>', "the cache folder ($HYPERCOLUMN_CACHE, else the user's cache folder)")
    .option('--json', 'print one JSON document')
    .action(async ({ cache, json }: DoctorOptions) => {
      const { describeBytes } = await import('../../host/index.ts');
      const examination = await examine(cache, output);
      output.result(json ? JSON.stringify(examination) : describeExamination(examination, describeBytes));
    });
};

async function examine(namedCache: string | undefined, { onProgress }: Output): Promise<Examination> {
  const host = await import('../../host/index.ts');
  const { downloadedWeights, tryDevices } = await import('../../node.ts');
  const folder = host.chooseCacheFolder(namedCache);
  const weights = [];
  for (const name of DOWNLOADABLE) {
    weights.push(
      await downloadedWeights(name, folder).then(
        (path = '') => ({ name, path, problem: null }),
        ({ message }: Error) => ({ name, path: null, problem: message }),
      ),
    );
  }
  return {
    hypercolumn: host.packageVersion(),
    ...(await host.examineMachine()),
    devices: await tryDevices({ onProgress }),
    images: await host.tryDecoder(),
    cache: { ...(await examineCache(folder)), freeDisk: await host.freeDisk(folder) },
    weights,
  };
}

async function examineCache(folder: string): Promise<Omit<Examination['cache'], 'freeDisk'>> {
  const { checkWritable, chooseCacheLimit, surveyCache } = await import('../../host/index.ts');
  const { join } = await import('node:path');
  try {
    await checkWritable(join(folder, 'trial'));
    return { ...(await surveyCache(folder)), problem: null };
  } catch {
    const problem = `${folder} is no folder that can be made or written to`;
    return { folder, entries: 0, bytes: 0, limit: chooseCacheLimit(), weights: [], problem };
  }
}

type Line = readonly [state: 'ok' | 'missing', topic: string, text: string];

/** A line a topic. */
function describeExamination(found: Examination, describeBytes: (bytes: number) => string): string {
  const { cpu, memory, cache } = found;
  const lines: Line[] = [
    [
      'ok',
      'machine',
      [
        cpu.model,
        `${cpu.cores} ${cpu.cores === 1 ? 'core' : 'cores'}`,
        ...(cpu.instructions ?? []),
        `${describeBytes(memory.free)} of ${describeBytes(memory.total)} memory free`,
      ].join(', '),
    ],
    ...describeDevices(found.devices),
    found.images.works ? ['ok', 'images', found.images.name] : ['missing', 'images', found.images.problem],
    [
      cache.problem === null ? 'ok' : 'missing',
      'cache',
      cache.problem === null
        ? `${cache.folder}, ${describeBytes(cache.bytes)} of at most ${describeBytes(cache.limit)}${cache.freeDisk === null ? '' : `, ${describeBytes(cache.freeDisk)} free on its disk`}`
        : `${cache.problem}; change its permissions, or name another with --cache`,
    ],
    ...found.weights.map(
      ({ name, path, problem }): Line =>
        problem === null ? ['ok', 'weights', `${name}, ${path}`] : ['missing', 'weights', problem],
    ),
  ];
  const width = Math.max(...lines.map(([, topic]) => topic.length));
  return [
    `hypercolumn ${found.hypercolumn}, Node ${found.node}, ${found.platform}`,
    ...lines.map(([state, topic, text]) => `${state.padEnd(8)} ${topic.padEnd(width)}  ${text}`),
  ].join('\n');
}

function describeDevices(devices: readonly DeviceTrial[]): Line[] {
  const cpu = devices.find(({ device }) => device === 'cpu');
  return devices.map((trial) => {
    if (!trial.works) return ['missing', trial.device, trial.problem];
    const slower = cpu?.works === true && trial.gflops < cpu.gflops;
    const advice =
      trial.device === 'cpu'
        ? ''
        : slower
          ? '; slower than the CPU here, perhaps a driver in software: auto does not take it'
          : `; use it with --device ${trial.device}`;
    return ['ok', trial.device, `${trial.engine}, ${formatSpeed(trial.gflops)}${advice}`];
  });
}

function formatSpeed(gflops: number): string {
  return `${gflops >= 10 ? Math.round(gflops) : gflops.toPrecision(2)} GFLOP/s`;
}
