// What needs Node: files, caches, decoders. Everything else of the library runs in a browser as well.

export { type CacheContents, type CacheOptions, cacheContents, clearCache, openCache } from './cache.ts';
export { type CacheSurroundings, chooseCacheFolder, chooseCacheLimit } from './cache-folder.ts';
export { type CacheSurvey, clearWeights, describeBytes, surveyCache, type WeightsEntry } from './cache-survey.ts';
export { type ChildProcessOptions, inChildProcess } from './child-process.ts';
export { checkImageHeader, type DecodeOptions, decodeImage, MOST_PIXELS } from './decode.ts';
export { type DownloadOptions, downloadFile, findWeights, type RemoteFile } from './download.ts';
export { encodeJpeg, encodePng, renderPng } from './encode.ts';
export { type FileSource, openFileSource, openScratchFile, withFileSource, writeFileAtomically } from './files.ts';
export { checkReplaceable, isThere, removeFolder, replaceFolder } from './folder.ts';
export { listFolder } from './folder-listing.ts';
export { checkImageFile, type ImageFolderOptions, listImages } from './image-folder.ts';
export { type DecoderState, examineMachine, freeDisk, type Machine, machineName, tryDecoder } from './machine.ts';
export { packageVersion } from './version.ts';
export { workerThreads } from './workers.ts';
export { checkWritable } from './writable.ts';
