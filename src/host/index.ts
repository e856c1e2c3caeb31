// What needs Node: files, caches, decoders. Everything else of the library runs in a browser as well.
export { type FileSource, openFileSource, openScratchFile, withFileSource, writeFileAtomically } from './files.ts';
