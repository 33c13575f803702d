/**
 * Data sets in files: published sets, folders of pictures, Parquet, texts, downloads.
 *
 * Node only.
 */
export { images } from "../images/images.js";
export type { ImagesOptions, WithFiles } from "../images/images.js";
export type { DecodingProgress } from "../images/squares.js";
export type { NameSplitOptions } from "../images/name-split.js";
export type { PictureOptions, PictureSettings, WithSettings } from "../images/picture-options.js";
export { picturesLike } from "../images/alike.js";
export { readUpright, type UprightPicture } from "../images/upright.js";
export { readablePictures } from "../images/readable-pictures.js";
export type { ReadablePictures } from "../images/readable-pictures.js";
export { videoFrames } from "../images/video-frames.js";
export type { FrameBatch, VideoFramesOptions } from "../images/video-frames.js";
export { listImageFolder, openImageFolder } from "../images/folder.js";
export type { ImageFolder } from "../images/folder.js";
export type { DecodedImage } from "../images/decoding/decoded.js";
export type { FileReport, Reduction, Remark, SkipReason } from "../images/files/remarks.js";
export { cifar10, cifar100 } from "../cifar.js";
export type { Cifar100Options, CifarOptions } from "../cifar.js";
export { emoji } from "../emoji.js";
export type { EmojiDataset, EmojiOptions } from "../emoji.js";
export { svhn } from "../svhn.js";
export type { SvhnOptions } from "../svhn.js";
export { fashionMnist, kuzushijiMnist } from "../mnist-relatives.js";
export type { MnistRelativeOptions } from "../mnist-relatives.js";
export type { PublishedImagesOptions } from "../image-options.js";
export { mnist } from "../mnist.js";
export type { MnistOptions, MnistSide } from "../mnist.js";
export { mnistChecksums } from "../mnist-files.js";
export type { MnistDownload, MnistSplit } from "../mnist-files.js";
export { download } from "../download.js";
export type { Download, DownloadProgress } from "../download.js";
export { parquetColumns } from "../parquet/columns.js";
export type { ParquetColumnsOptions, ParquetDataset } from "../parquet/columns.js";
export type { ParquetFilesOptions } from "../parquet/files.js";
export { parquetImages } from "../parquet/images.js";
export type { ParquetImagesOptions, WithRows } from "../parquet/images.js";
export { readParquetTexts } from "../parquet/texts.js";
export type { ParquetTextsOptions } from "../parquet/texts.js";
export { readTexts } from "../text/read-texts.js";
export type { TextForm, Texts } from "../text/read-texts.js";
export { readDialogues, repliesOf } from "../text/dialogues.js";
export type { Dialogue, DialogueOptions, Replies, Utterance } from "../text/dialogues.js";
export { readDailyDialog } from "../text/daily-dialog.js";
export type { DailyDialogOptions } from "../text/daily-dialog.js";
export { readPublishedText } from "../text/published-text.js";
export type { PublishedText, PublishedTextOptions } from "../text/published-text.js";
export { readBrown } from "../text/brown.js";
export type { BrownOptions, LabelledTexts } from "../text/brown.js";
