/** Event files, byte for byte as TensorBoard's own writer makes them. */
import { expect, it } from "vitest";
import { tensorBoardEvents } from "../src/index.js";
import { crc32c } from "../src/tensorboard.js";

it("CRC-32C has its published check value", () => {
  expect(crc32c(new TextEncoder().encode("123456789"))).toBe(0xe3069283);
});

it("an event file equals that of tensorboard 2's RecordWriter with the same events", () => {
  const written = tensorBoardEvents(1000.5, [{ time: 1002.25, step: 300, values: { loss: 0.25, gap: -1.5 } }]);
  expect(Buffer.from(written).toString("hex")).toBe(
    "1800000000000000a37f4b22090000000000448f401a0d627261696e2e4576656e743a32aba33345" +
      "2700000000000000bbe1b146090000000000528f4010ac022a190a0b0a046c6f7373150000803e0a0a0a03676170150000c0bff45f627a",
  );
});
