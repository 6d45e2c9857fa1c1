import { afterEach, describe, expect, test, vi } from "vitest";
import { revectorize } from "./revectorizer.ts";

const flag = "--experimental-wasm-revectorize";

/** Asks for the revectorizer in a process like this; the flags that were set. */
function flagsSet(process: object): { readonly flags: string[]; readonly answer: boolean } {
  const flags: string[] = [];
  const v8 = { setFlagsFromString: (text: string) => void flags.push(text) };
  vi.stubGlobal("process", { arch: "x64", env: {}, getBuiltinModule: () => v8, ...process });
  return { answer: revectorize(), flags };
}
afterEach(() => void vi.unstubAllGlobals());

describe("V8's revectorizer", () => {
  test("is switched on where there is one", () => {
    expect(flagsSet({})).toEqual({ answer: true, flags: [flag] });
    expect(flagsSet({ env: { STEELYARD_REVECTORIZE: "1" } })).toEqual({ answer: true, flags: [flag] });
  });

  test.each<[string, object]>([
    ["STEELYARD_REVECTORIZE=0 forbids it", { env: { STEELYARD_REVECTORIZE: "0" } }],
    ["the processor is another", { arch: "arm64" }],
    ["the process has no V8 to ask", { getBuiltinModule: () => undefined }],
    ["the process is too old to say", { getBuiltinModule: undefined }],
  ])("stays off where %s", (_, process) => {
    expect(flagsSet(process)).toEqual({ answer: false, flags: [] });
  });

  test("stays off in a browser", () => {
    vi.stubGlobal("process", undefined);
    expect(revectorize()).toBe(false);
  });
});
