/** The published weights of the FID Inception network. */

/**
 * The file of all comparable FIDs; 95,628,359 bytes. Licence of the weights: Apache-2.0 (TensorFlow
 * models).
 */
export const inceptionFile = {
  name: "pt_inception-2015-12-05-6726825d.pth",
  url: "https://github.com/mseitzer/pytorch-fid/releases/download/fid_weights/pt_inception-2015-12-05-6726825d.pth",
  mirror: "https://github.com/toshas/torch-fidelity/releases/download/v0.2.0/weights-inception-2015-12-05-6726825d.pth",
  sha256: "6726825d0af5f729cebd5821db510b11b1cfad8faad88a03f1befd49fb9129b2",
} as const;
