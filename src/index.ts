// The public API: re-exports only. What needs Node (its engine, files, threads) is `hypercolumn/node`, see node.ts.

export { ARCHITECTURES } from './backbones/architectures.ts';
export type { Backbone, StageShape } from './backbones/backbone.ts';
export type { Network, Parameter, ParameterKind, ReadParameter, Stage } from './backbones/network.ts';
export { type NetworkBackboneOptions, networkBackbone } from './backbones/network-backbone.ts';
export { NETWORKS, openBackbone } from './backbones/registry.ts';
export type { BackboneContext, BackboneSpec } from './backbones/spec.ts';
export { openTrainable, type TrainableNetwork } from './backbones/trainable.ts';
export * from './core/condensed.ts';
export { DIGEST_CHUNK_BYTES, digestBytes, digestChunks, digestText } from './core/digest.ts';
export * from './core/errors.ts';
export type { FolderListing, ListFolder } from './core/folder-listing.ts';
export { type Gram, plainGram } from './core/gram.ts';
export { type RunTasks, runInTurn, type Task } from './core/parallel.ts';
export type { OnNotice, OnProgress, Progress } from './core/progress.ts';
export { type Random, restoreRandom, seededRandom } from './core/random.ts';
export { averageRanks } from './core/ranks.ts';
export { channelWeights, embeddingWeights, untrainedEncoder } from './encoder/channel-weights.ts';
export {
  type Encoder,
  MASK_RESOLUTIONS,
  type MaskResolution,
  PAIR_RESOLUTIONS,
  type PairResolution,
  type Readout,
} from './encoder/encoder.ts';
export { applyReadout, predictDissimilarities } from './encoder/predict.ts';
export { pooledShares, predictStream, type StreamPrediction } from './encoder/predict-stream.ts';
export { stageParts } from './encoder/stage-parts.ts';
export {
  type EncoderTensor,
  type EncoderTensors,
  encoderFromTensors,
  encoderToTensors,
  type TensorFile,
} from './encoder/tensors.ts';
export { type SignedMeanMask, signedMeanMasks, stageShares } from './encoder/tuning.ts';
export { engineGram } from './engine/gram.ts';
export type { Engine, EngineSession, EngineTensor, LoadOptions } from './engine/session.ts';
export { cachedFeatures } from './features/cached-features.ts';
export { type CachedStatisticsOptions, cachedPairStatistics } from './features/cached-statistics.ts';
export { type ChannelProducts, engineChannelProducts, plainChannelProducts } from './features/channel-products.ts';
export type { ChannelWeights, SplitWeights } from './features/channel-weights.ts';
export { centreCropFeatures, type NamedNetwork, randomCropFeatures } from './features/crop-features.ts';
export { type CropSource, type CropSourceOptions, cropSource } from './features/crops.ts';
export {
  compareEmbeddings,
  type EmbeddingComparison,
  type EmbeddingRdmOptions,
  embeddingRdm,
} from './features/embedding.ts';
export {
  type ExtractionOptions,
  type FeatureNetwork,
  imageFeatures,
  type PixelSource,
  pixelFeatures,
} from './features/extraction.ts';
export type { FeatureStream } from './features/features.ts';
export { type FileFeaturesOptions, fileFeatures } from './features/file-features.ts';
export { memoryScratch } from './features/memory-scratch.ts';
export {
  checkPairStatistics,
  type PairStatistics,
  type PairStatisticsOptions,
  type ProductPrecision,
  pairStatistics,
  subsetStatistics,
} from './features/pair-statistics.ts';
export { channelScale } from './features/scale.ts';
export { pairStatisticsBlob, readPairStatistics } from './features/statistics-blob.ts';
export type { EmbeddingWeights, FeatureWeights } from './features/weighing.ts';
export * from './formats/array.ts';
export { writeCsv } from './formats/csv-write.ts';
export { writeMat5 } from './formats/mat5-write.ts';
export { writeNpy } from './formats/npy.ts';
export { writeNpz } from './formats/npz.ts';
export { openFile, READABLE_FORMATS } from './formats/open.ts';
export { type RowReader, rowReader } from './formats/rows.ts';
export {
  layOutSafetensors,
  type SafetensorsLayout,
  type TensorDescription,
  writeSafetensors,
} from './formats/safetensors-write.ts';
export { type NamedArrays, saveArrays, WRITABLE_ENDINGS, writableEnding } from './formats/save.ts';
export * from './formats/source.ts';
export { differentiate } from './graph/differentiate.ts';
export { emitOnnx } from './graph/emit.ts';
export { type Constant, Graph, type GraphNode, type Tensor } from './graph/graph.ts';
export { interpret } from './graph/interpret.ts';
export type { Shape, Values } from './graph/operator.ts';
export { type AlikePair, alikeImages } from './images/alike.ts';
export { centreWindow, cropTo, type PixelSize, shorterSideSize, windowAt } from './images/crop.ts';
export type { RgbImage, Stimulus } from './images/image.ts';
export { compareNaturally } from './images/natural-order.ts';
export { INPUT_NORMALISATIONS, type InputNormalisation } from './images/normalisation.ts';
export { positionsInOrder } from './images/order.ts';
export {
  FIT_NAMES,
  type Fit,
  fitOfRandomCrops,
  normalise,
  type PreprocessOptions,
  preprocess,
  resizedSize,
} from './images/preprocess.ts';
export { resizeBilinear, type Window } from './images/resize.ts';
export { makeThumbnails, THUMBNAIL_SIDE, type Thumbnails } from './images/thumbnails.ts';
export { type EvaluateOptions, evaluate, type ModelRdm } from './inference/evaluate.ts';
export type {
  Estimate,
  EstimateTest,
  Evaluation,
  ModelComparison,
  ModelEvaluation,
  PermutationTest,
  Significance,
} from './inference/evaluation.ts';
export { bonferroni, falseDiscoveryRates } from './inference/multiple-tests.ts';
export {
  concerns,
  type OfficialScore,
  type ScoreSheet,
  type ScoreSheetOptions,
  type SharedSignal,
  type SheetModel,
  type SheetWarning,
  scoreSheet,
  WARNING_CODES,
} from './inference/score-sheet.ts';
export { sharedSignal } from './inference/shared-signal.ts';
export type { BootstrapVariances, Generalisation } from './inference/variance.ts';
export { assertSameConditions, type NamedRows } from './rdm/alignment.ts';
export {
  BENCHMARKS,
  type Benchmark,
  type BenchmarkName,
  type ChallengeVariable,
  publishedCeiling,
  TRACKS,
} from './rdm/benchmarks.ts';
export {
  type Agreement,
  type CeilingAveraging,
  type CeilingOptions,
  type NoiseCeiling,
  noiseCeiling,
} from './rdm/ceiling.ts';
export type { Prepared, SortedRdm } from './rdm/comparators/comparator.ts';
export { COMPARATOR_NAMES, COMPARATORS, type Comparator, type ComparatorName, compare } from './rdm/comparators.ts';
export { type CrossnobisOptions, crossnobisRdm } from './rdm/crossnobis.ts';
export { DISTANCE_METRICS, type DistanceMetric, type RdmOfOptions, rdmOf } from './rdm/distances.ts';
export { type MahalanobisOptions, mahalanobisRdm } from './rdm/mahalanobis.ts';
export { classicalMap, type Map2d, type MdsOptions, metricMds } from './rdm/mds.ts';
export { type NoisePrecision, noisePrecision } from './rdm/noise-precision.ts';
export { everyPair, type PairSample, samplePairs } from './rdm/pair-sample.ts';
export { permuteLabels } from './rdm/permuted-labels.ts';
export { type Aligned, procrustes } from './rdm/procrustes.ts';
export * from './rdm/rdm.ts';
export { percentOfCeiling, type Score, scoreRdm, type TrackScore, trackScore } from './rdm/score.ts';
export { listFigures, type RunFigures, runFigures, type SetFigures } from './report/figures/all-figures.ts';
export { DARK, type Figure, LIGHT, PAGE, type Theme, themeVariables } from './report/figures/figure.ts';
export type { FigureOptions } from './report/figures/frame.ts';
export type { MatrixPlace, RdmFigure } from './report/figures/rdm-figure.ts';
export { regionsFigure } from './report/figures/regions-figure.ts';
export { type TuningFigureOptions, tuningFigure } from './report/figures/tuning-figure.ts';
export { writeFigures } from './report/figures/write-figures.ts';
export { thumbnailUris } from './report/picture/thumbnail-uris.ts';
export {
  type Report,
  type ReportEnvironment,
  reportOfRun,
  reportOfRuns,
  type WriteReportOptions,
  type WrittenReport,
  writeReport,
} from './report/report.ts';
export { type ExpectedCeiling, expectedCeiling, noiseForCeiling, type SubjectNoise } from './simulation/noise.ts';
export {
  type FitEncoder,
  type FitInput,
  type Recovery,
  recoverShares,
  type SimulatedPower,
  type StageRecovery,
  simulatedPower,
} from './simulation/recovery.ts';
export { type SimulatedStudy, type SimulatedStudyOptions, simulateStudy } from './simulation/simulated-study.ts';
export {
  type DrawnStimulus,
  type DrawOptions,
  drawStimuli,
  STIMULUS_CATEGORIES,
  type StimulusCategory,
} from './simulation/stimuli.ts';
export { type SimulatedSubjects, type SubjectOptions, simulateSubjects } from './simulation/subjects.ts';
export { TEXTURES, type Texture } from './simulation/textures.ts';
export { type CeilingResult, type CeilingsOfFileOptions, ceilingsOfFile } from './study/ceiling.ts';
export {
  type CrossvalidateOptions,
  type Crossvalidation,
  type CrossvalidationSummary,
  crossvalidate,
  type FoldScore,
  type FoldUnit,
} from './study/crossvalidate.ts';
export { type EncoderFit, trainingOptions } from './study/encoder-fit.ts';
export type { ClosableSource, Environment } from './study/environment.ts';
export { EXPORT_ENDINGS, EXPORTED, type Exported, type ExportFormat } from './study/export/choices.ts';
export { type ExportOptions, exportFormat, exportRun, writeExport } from './study/export/export-run.ts';
export type { ExportSelection } from './study/export/exported-sets.ts';
export { type ExtractOptions, extractToFile, writeFeatures } from './study/extract.ts';
export {
  type FeatureOrigin,
  type FeatureOriginOptions,
  openFeatureOrigin,
  type RandomCrops,
  type TunedWeights,
} from './study/features.ts';
export type { FitInput as StudyFitInput, FitInputUnseen, ScoredImages } from './study/fit-input.ts';
export { type Contents, contentsTable, inspectFile } from './study/inspect.ts';
export { type KnownImages, overlapWarning } from './study/overlap.ts';
export { type PredictOptions, predictRdms, predictToFile } from './study/predict.ts';
export { type RdmOfFeaturesOptions, rdmOfFeatures } from './study/rdms/rdm-of-features.ts';
export {
  type NoiseOrigin,
  type RdmOfMeasurementsOptions,
  rdmOfMeasurements,
} from './study/rdms/rdm-of-measurements.ts';
export { saveRdmStack, saveRdms } from './study/rdms/save-rdms.ts';
export { type ReadRdmStackOptions, rdmVariables, readRdmStack } from './study/rdms/targets.ts';
export type { ChallengeSizes } from './study/reproduce/challenge-data.ts';
export {
  type ReproducedRow,
  type ReproduceOptions,
  type Reproduction,
  reproduce,
} from './study/reproduce/reproduce.ts';
export type { TestScore } from './study/reproduce/reproduce-scores.ts';
export { RIVAL_NAMES, type Rival, type RivalKind, type RivalName } from './study/rivals/rival.ts';
export type { RivalInput, RivalTest } from './study/rivals/rival-input.ts';
export { type LeftOutRival, type Rivals, rivalsOf } from './study/rivals/rivals.ts';
export { type RunFit, type RunStudyOptions, runStudy, type StudyRun } from './study/run.ts';
export type { FitFiles } from './study/runs/fit-files.ts';
export type { ComparedGround, FitGround } from './study/runs/fit-ground.ts';
export { type FitKeeper, openPartialRun, type PartialMode, type PartialRun } from './study/runs/partial-run.ts';
export { type RunReader, readReport } from './study/runs/read-report.ts';
export type { ReportData, StoredScore, StoredSummary } from './study/runs/report-data.ts';
export { type FittedRun, RUN_FILES, readRun, type WriteRunOptions, writeRun } from './study/runs/run-folder.ts';
export { type ScoreFilesOptions, type ScoreReport, type ScoreResult, scoreFiles } from './study/score.ts';
export { type SheetReport, type SheetResult, type SheetsOfFilesOptions, sheetsOfFiles } from './study/score-sheets.ts';
export { compareRuns, type RunComparer, type RunComparison, type SharedSet } from './study/scoring/compare-runs.ts';
export type { Scoring } from './study/scoring/score-fits.ts';
export type { ScoredRival, ScoredSet, SetRole } from './study/scoring/scored-set.ts';
export { type SetScore, type SetSummary, scoreImages } from './study/set-summary.ts';
export { resolvePaths } from './study/settings/paths.ts';
export { PRESET_NAMES, PRESETS, type Preset, type PresetName } from './study/settings/presets.ts';
export { checkStudy, parseStudy, type Study, type StudyDataSet, studyJsonSchema } from './study/settings/study-file.ts';
export type { StudyImages } from './study/study-images.ts';
export { trainingSets } from './study/training-sets.ts';
export { type ComparedRegion, compareRegions, type RegionComparison } from './study/tuning/compare-regions.ts';
export { type RegionStage, type RegionTest, type RegionTestOptions, testRegions } from './study/tuning/regions.ts';
export { groupShares, type StageGroup, stageGroups } from './study/tuning/stage-groups.ts';
export type { RegionPair } from './study/tuning/swapped-fit.ts';
export {
  type FurtherFit,
  type PermutedFit,
  type RunTuning,
  runTuning,
  type StageTuning,
  stageTuning,
} from './study/tuning.ts';
export type { Checkpoint, FitProgress } from './training/checkpoint.ts';
export { type FitCallbacks, type FitResult, fitMask } from './training/fit.ts';
export type { Json, LearnerState } from './training/learner.ts';
export type { LoopCallbacks } from './training/loop.ts';
export type { LossName } from './training/losses.ts';
export type { OptimiserName } from './training/optimisers.ts';
export type {
  EpochMetrics,
  LearningRates,
  Schedule,
  TrainingOptions,
  TrainingSet,
  ValidationLoss,
} from './training/options.ts';
export type { EpochStatistics } from './training/pairs/pair-learner.ts';
export { fitPermuted, type PermutedFitInput, type PermutedFitResult } from './training/permuted.ts';
export { type Reliability, reliabilityWeights } from './training/reliability.ts';
export { nonNegativeLeastSquares } from './training/rivals/nnls.ts';
export { pairPredictors } from './training/rivals/pair-predictors.ts';
export { type ReweightedSet, reweightChannels, reweightedRdm } from './training/rivals/reweighting.ts';
export type { RidgeModel } from './training/rivals/ridge.ts';
export type { SetUnit } from './training/rivals/set-units.ts';
export type { SamplerName } from './training/samplers.ts';
export type { ScheduleName } from './training/schedules.ts';
export { type PairTargets, pairTargets } from './training/targets.ts';
export type { DrawValues, TimeWindow } from './training/time-window.ts';
