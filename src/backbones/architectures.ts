/** Names of the networks declared here. Apart from the networks themselves, so that help and messages need not load them. */
export const NETWORK_NAMES = ['se_resnext50_32x4d', 'resnet50', 'gabor'] as const;

export type NetworkName = (typeof NETWORK_NAMES)[number];

/** What `architecture` may be, for messages and help. */
export const ARCHITECTURES: readonly string[] = [...NETWORK_NAMES, 'onnx:FILE'];
