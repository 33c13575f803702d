/** The configuration hash that a checkpoint stores. */
import { createHash } from "node:crypto";
import { decisiveConfig, type Config } from "./config.js";
import { canonicalJson } from "./json.js";

/** SHA-256 of the decisive part of a configuration, in hexadecimal. */
export function configHash(config: Config): string {
  return createHash("sha256")
    .update(canonicalJson(decisiveConfig(config)))
    .digest("hex");
}
