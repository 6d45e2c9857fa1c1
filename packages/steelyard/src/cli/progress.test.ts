import { describe, expect, it } from "vitest";
import { clock, columns, liveLine } from "./progress.ts";

describe("progress", () => {
  it("rewrites one line on a terminal, at most ten times a second", () => {
    let time = 0;
    let text = "";
    const line = liveLine({ isTTY: true, write: (more) => (text += more) }, () => time);
    for (; time < 1000; time += 10) line.update(`at ${time}`);
    line.end("done");
    expect(text.match(/\r/g)).toHaveLength(11);
    expect(text.endsWith("done\n")).toBe(true);
  });

  it("prints a line every five seconds into a file", () => {
    let time = 0;
    let text = "";
    const line = liveLine({ write: (more) => (text += more) }, () => time);
    for (; time < 12_000; time += 100) line.update(`at ${time}`);
    expect(text).toBe("at 0\nat 5000\nat 10000\n");
  });

  it("shows seconds as minutes and seconds", () => {
    expect([clock(0), clock(59.6), clock(75), clock(-3)]).toEqual(["0:00", "1:00", "1:15", "0:00"]);
  });

  it("aligns columns", () => {
    expect(columns([["a", "1"], ["long", "22"]])).toBe("a      1\nlong  22"); // prettier-ignore
  });
});
