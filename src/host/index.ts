// What needs Node: files, caches, decoders. Everything else of the library runs in a browser as well.

export { checkImageHeader, type DecodeOptions, decodeImage, MOST_PIXELS } from './decode.ts';
export { type FileSource, openFileSource, openScratchFile, withFileSource, writeFileAtomically } from './files.ts';
export { checkImageFile, type ImageFolderOptions, listImages } from './image-folder.ts';
