/** Side of a thumbnail in pixels. */
export const THUMBNAIL_SIDE = 64;

/** Small pictures of images, all of one size, to be shown and to know images by. */
export interface Thumbnails {
  /** nImages x 64 x 64 x 3, 8-bit RGB, squashed to squares. */
  readonly pixels: Uint8Array;
  /** nImages x 2: the images' own width and height in pixels. */
  readonly sizes: Uint32Array;
}
