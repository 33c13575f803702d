import { beforeAll, it } from "vitest";
import { useEngine } from "@ergodic/engine";
import { cases } from "../src/cases/index.js";
import { expectFinite, isLarge } from "./runs.js";

beforeAll(async () => {
  await useEngine("onnx");
});

it.each(cases.filter(isLarge))("$name runs and gives finite numbers", expectFinite);
