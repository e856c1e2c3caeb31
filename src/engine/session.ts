/** A dense float32 or float64 tensor, row-major. */
export interface EngineTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array | Float64Array;
}

/** A model that is loaded and ready to run. */
export interface EngineSession {
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /**
   * Runs the model once.
   * @param fetches outputs wanted; all of them by default. What is not fetched stays inside the session and costs no copy. As a record: the
   *   outputs of these names are written into these tensors' own arrays, and these tensors are what is returned.
   */
  run(
    feeds: Readonly<Record<string, EngineTensor>>,
    fetches?: readonly string[] | Readonly<Record<string, EngineTensor>>,
  ): Promise<Record<string, EngineTensor>>;
  release(): Promise<void>;
}

/** What an engine can compute on; the first is there on every machine. */
export const DEVICES = ['cpu', 'webgpu', 'cuda'] as const;

/** One of them. */
export type Device = (typeof DEVICES)[number];

/** What `--device` takes: a device, or the fastest that this machine really has. */
export const DEVICE_CHOICES = ['auto', ...DEVICES] as const;

/** One of those. */
export type DeviceChoice = (typeof DEVICE_CHOICES)[number];

/** What runs ONNX models: onnxruntime in Node or in the browser. */
export interface Engine {
  /** Name and version of what runs here, for reports: `onnxruntime-node 1.30.0, cpu`. */
  readonly name: string;
  readonly device: Device;
  /** Threads of the CPU that it computes with; undefined for one a core, where it cannot be told how many cores there are. */
  readonly threads: number | undefined;
  /** @param model bytes of an ONNX file */
  load(model: Uint8Array, options?: LoadOptions): Promise<EngineSession>;
}

/** How a model is kept. */
export interface LoadOptions {
  /**
   * Whether a session holds on to the memory of its largest run: for runs of one size, one after the other, that are faster so. Otherwise
   * (the default) memory is given back after each run.
   */
  readonly keepMemory?: boolean;
  /** Beginning of the path of a file that takes each operator's time, where the engine can tell; it is written when the session is released. */
  readonly profile?: string;
}
