/** Pretrained weights that can be downloaded and checked. */
export interface DownloadableWeights {
  /** The backbone's name. */
  readonly name: string;
  readonly fileName: string;
  readonly url: string;
  /** Bytes. */
  readonly size: number;
  /** Hexadecimal. */
  readonly sha256: string;
  /** Other sources of the same network, whose checksum nobody has published: to be fetched by hand and named by path. */
  readonly elsewhere: readonly string[];
}

/** By backbone. Networks that are not listed take their weights by path. */
export const DOWNLOADABLE_WEIGHTS: Readonly<Record<string, DownloadableWeights>> = {
  se_resnext50_32x4d: {
    name: 'se_resnext50_32x4d',
    fileName: 'se_resnext50_32x4d-a260b3a4.pth',
    url: 'http://data.lip6.fr/cadene/pretrainedmodels/se_resnext50_32x4d-a260b3a4.pth',
    size: 110_559_176,
    sha256: 'a260b3a40f82dfe37c58d26a612bcf7bef0d27c6fed096226b0e4e9fb364168e',
    elsewhere: ['https://huggingface.co/timm/legacy_seresnext50_32x4d.in1k/resolve/main/model.safetensors'],
  },
};
