/** The kinds of image files, by name and by content. */

/** The kinds that are read. */
export type ImageKind = "png" | "jpeg" | "webp" | "gif" | "tiff" | "avif" | "bmp" | "pnm";

/** The kinds that are read, for messages. */
export const readKinds = "PNG, JPEG, WebP, GIF, TIFF, AVIF, BMP, PBM, PGM or PPM files";

const READ = /\.(a?png|jpe?g|jpe|jfif|webp|gif|tiff?|avif|bmp|p[bgpn]m)$/i;
const UNREAD =
  /\.(svgz?|hei[cf]|jp2|j2k|jpx|jxl|jxr|ico|cur|psd|tga|dds|exr|hdr|pfm|pam|pcx|eps|dib|xcf|dng|cr2|nef)$/i;

/**
 * The kind that a name announces: an image that is read, or one of another kind; undefined for
 * other names.
 */
export function promiseOf(name: string): "read" | "unread" | undefined {
  if (READ.test(name)) return "read";
  return UNREAD.test(name) ? "unread" : undefined;
}

/** Bytes that {@link kindOf} needs. */
export const KIND_PREFIX = 1024;

const startings: readonly (readonly [ImageKind, RegExp])[] = [
  ["png", /^\x89PNG\r\n\x1a\n/],
  ["jpeg", /^\xff\xd8\xff/],
  ["gif", /^GIF8[79]a/],
  ["webp", /^RIFF[^]{4}WEBP/],
  ["tiff", /^(II[*+]\0|MM\0[*+])/],
  ["avif", /^[^]{4}ftyp([^]{4})*?avi[fs]/],
  ["bmp", /^BM/],
  ["pnm", /^P[1-6][\s#]/],
];

/**
 * The kind of a file by its first bytes, whatever its name is. "svg" is a drawing, which has no
 * pixels.
 */
export function kindOf(start: Uint8Array): ImageKind | "svg" | undefined {
  const text = Buffer.from(start.subarray(0, KIND_PREFIX)).toString("latin1");
  const found = startings.find(([, starting]) => starting.test(text));
  if (found !== undefined) return found[0];
  return /^(\xef\xbb\xbf)?\s*<[^]*?\bsvg\b/.test(text) ? "svg" : undefined;
}
