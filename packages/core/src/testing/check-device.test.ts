import { describe, test } from "vitest";
import { interpreter } from "../index.ts";
import { deviceLaws } from "./index.ts";

describe.each(Object.entries(deviceLaws()))("the interpreter keeps the laws of %s", (_, laws) => {
  const device = interpreter();
  for (const { title, check } of laws) test(title, () => check(device));
});
