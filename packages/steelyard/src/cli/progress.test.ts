import { describe, expect, it } from "vitest";
import { clock, columns, liveLines } from "./progress.ts";

describe("progress", () => {
  it("rewrites its lines on a terminal, at most ten times a second", () => {
    let time = 0;
    let text = "";
    const live = liveLines({ isTTY: true, columns: 12, write: (more) => (text += more) }, () => time);
    for (; time < 1000; time += 10) live.update([`at ${time}`, "a line"]);
    live.end(["done", "and done"]);
    expect(text.match(/at /g)).toHaveLength(10);
    expect(text.split("\u001b[2A")).toHaveLength(11);
    expect(text.endsWith("\u001b[2A\u001b[Jdone\nand done\n")).toBe(true);
  });

  it("shows whole lines on a terminal that does not know its width", () => {
    let text = "";
    liveLines({ isTTY: true, columns: 0, write: (more) => (text += more) }).end(["as it is"]);
    expect(text).toBe("as it is\n");
  });

  it("breaks a line that is too long for the terminal between its parts, and counts its rows", () => {
    let text = "";
    const live = liveLines({ isTTY: true, columns: 31, write: (more) => (text += more) });
    live.update(["equal     step 1/320  identity 1.23 × 0.50  1:20 left", "a part longer than the row it stands in"]);
    expect(text).toBe("equal     step 1/320\n  identity 1.23 × 0.50\n  1:20 left\na part longer than the row it\n");
    live.end(["done"]);
    expect(text.endsWith("\u001b[4A\u001b[Jdone\n")).toBe(true);
  });

  it("prints a block every ten seconds into a file, without escape codes", () => {
    let time = 0;
    let text = "";
    const live = liveLines({ write: (more) => (text += more) }, () => time);
    for (; time < 25_000; time += 100) live.update([`at ${time}`, "and more"]);
    expect(text).toBe("at 0\nand more\nat 10000\nand more\nat 20000\nand more\n");
  });

  it("shows seconds as minutes and seconds", () => {
    expect([clock(0), clock(59.6), clock(75), clock(-3)]).toEqual(["0:00", "1:00", "1:15", "0:00"]);
  });

  it("aligns columns", () => {
    expect(columns([["a", "1"], ["long", "22"]])).toBe("a      1\nlong  22"); // prettier-ignore
  });
});
