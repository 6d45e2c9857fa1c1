import { defaultDevice, tensor } from "@steelyard/core";
import { describe, expect, it } from "vitest";
import { device } from "./device.ts";

describe("device", () => {
  it("makes the device it returns the one that computes", async () => {
    const chosen = device("interpreter");
    expect(defaultDevice()).toBe(chosen);
    expect(await tensor([1, 2]).sum().item()).toBe(3);
  });

  it("lists the devices there are when it does not know one", () => {
    expect(() => device("abacus")).toThrow("device: needs one of interpreter, got abacus");
  });
});
