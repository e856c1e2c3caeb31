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
   * @param fetches outputs wanted; all of them by default. What is not fetched stays inside the session and costs no copy.
   */
  run(
    feeds: Readonly<Record<string, EngineTensor>>,
    fetches?: readonly string[],
  ): Promise<Record<string, EngineTensor>>;
  release(): Promise<void>;
}

/** What runs ONNX models: onnxruntime in Node or in the browser. */
export interface Engine {
  /** Name and version of what runs here, for reports: `onnxruntime-node 1.30.0, cpu`. */
  readonly name: string;
  /** @param model bytes of an ONNX file */
  load(model: Uint8Array): Promise<EngineSession>;
}
