/**
 * DailyDialog, in files that users download themselves.
 *
 * Li et al., "DailyDialog: A Manually Labelled Multi-turn Dialogue Dataset", arXiv 1710.03957.
 */
import { assertOneOf } from "@ergodic/tensor";
import { assertFrom, requiredFile } from "../required-file.js";
import type { TextSplit } from "./corpus.js";
import { readDialogues, type Dialogue } from "./dialogues.js";

export interface DailyDialogOptions {
  /** The folder with the folders `train` and `test`. */
  readonly from: string;
  readonly split: TextSplit;
  /**
   * The labels of utterances. "act": 1 inform, 2 question, 3 directive, 4 commissive. "emotion": 0
   * none, 1 anger, 2 disgust, 3 fear, 4 happiness, 5 sadness, 6 surprise. Default: none.
   */
  readonly labels?: "act" | "emotion" | undefined;
}

const origin = {
  dataset: "DailyDialog",
  url: "http://yanran.li/files/ijcnlp_dailydialog.zip",
  within: "ijcnlp_dailydialog",
};

/**
 * The dialogues of a split, from `train/dialogues_train.txt` or `train/dialogues.txt`, and labels
 * from `train/dialogues_act_train.txt` or `train/dialogues_act.txt`.
 *
 * @throws ValidationError that names the file and its address when it is missing, and as
 *   `readDialogues`
 */
export async function readDailyDialog({ from, split, labels }: DailyDialogOptions): Promise<readonly Dialogue[]> {
  assertOneOf({ split }, ["train", "test"]);
  if (labels !== undefined) assertOneOf({ labels }, ["act", "emotion"]);
  assertFrom(from, origin);
  const file = (name: string): Promise<string> =>
    requiredFile(from, [`${split}/${name}_${split}.txt`, `${split}/${name}.txt`], origin);
  return readDialogues(
    await file("dialogues"),
    labels === undefined ? {} : { labels: await file(`dialogues_${labels}`) },
  );
}
