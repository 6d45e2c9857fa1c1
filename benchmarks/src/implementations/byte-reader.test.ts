import { Readable } from "node:stream";
import { expect, test } from "vitest";
import { ByteReader } from "./byte-reader.ts";

test("reads lines and bytes wherever the chunks of a stream end", async () => {
  const reader = new ByteReader(Readable.from([Buffer.from("fir"), Buffer.from("st\nab"), Buffer.from("cdsecond\n")]));
  expect(await reader.line()).toBe("first");
  expect([...(await reader.bytes(4))]).toEqual([...Buffer.from("abcd")]);
  expect(await reader.line()).toBe("second");
  await expect(reader.line()).rejects.toThrow("ended before it had answered");
});
