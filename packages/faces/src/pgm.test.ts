import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { GreyImage } from "./pgm.ts";
import { formatPgm, parsePgm } from "./pgm.ts";

const text = (file: string): Uint8Array => new TextEncoder().encode(file);

const images: fc.Arbitrary<GreyImage> = fc
  .record({ width: fc.integer({ min: 1, max: 9 }), height: fc.integer({ min: 1, max: 9 }) })
  .chain(({ width, height }) =>
    fc
      .uint8Array({ minLength: width * height, maxLength: width * height })
      .map((pixels) => ({ width, height, pixels })),
  );
const formats = fc.constantFrom("P2" as const, "P5" as const);

const message = (file: Uint8Array): string => {
  try {
    parsePgm(file, "a.pgm");
    return "nothing";
  } catch (thrown) {
    return (thrown as Error).message.split("\n")[0] ?? "";
  }
};

describe("parsePgm", () => {
  it("reads back what formatPgm writes, in both formats", () => {
    fc.assert(
      fc.property(images, formats, (image, format) => {
        expect(parsePgm(formatPgm(image, format))).toEqual(image);
      }),
    );
  });

  it("refuses every truncated file, naming it", () => {
    fc.assert(
      fc.property(
        images,
        formats,
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (image, format, share) => {
          const file = formatPgm({ ...image, pixels: image.pixels.map((v) => v | 100) }, format);
          // A text file may lose its closing white space, and a number its last digits, without anyone being able to tell.
          const needed = format === "P2" ? file.length - 4 : file.length;
          expect(() => parsePgm(file.subarray(0, Math.floor(share * needed)), "face.pgm")).toThrow(
            "parsePgm(face.pgm): needs",
          );
        },
      ),
    );
  });

  it("scales by maxval, which differs from image to image", () => {
    expect([...parsePgm(text("P2 3 1 156\n0 78 156\n")).pixels]).toEqual([0, 128, 255]);
    expect([...parsePgm(text("P2 2 1 1\n0 1")).pixels]).toEqual([0, 255]);
  });

  it("reads 16-bit binary values with the most significant byte first", () => {
    const file = Uint8Array.from([...text("P5 2 1 65535\n"), 0x80, 0x00, 0xff, 0xff]);
    expect([...parsePgm(file).pixels]).toEqual([128, 255]);
  });

  it("skips comments between the fields of the header and among text pixels", () => {
    expect([...parsePgm(text("P2 # grey\n#two\n2 1 # wide\n255\n7 # seven\n9")).pixels]).toEqual([7, 9]);
  });

  it("takes binary pixels that look like white space or comments as they are", () => {
    const file = Uint8Array.from([...text("P5\n3 1\n255\n"), 0x0a, 0x23, 0x20]);
    expect([...parsePgm(file).pixels]).toEqual([0x0a, 0x23, 0x20]);
  });

  it("says what is wrong", () => {
    expect([
      message(text("")),
      message(text("P6 1 1 255\n")),
      message(text("P5 2 2 255\nabc")),
      message(text("P2 2 2 255\n1 2 3")),
      message(text("P2 1 1 0\n0")),
      message(text("P2 1 1 70000\n0")),
      message(text("P2 1 1 10\n11")),
      message(text("P2 1 x 10\n11")),
      message(text("P5 0 1 10\n")),
      message(text("P5 90000000 90000000 255\n")),
    ]).toMatchInlineSnapshot(`
      [
        "parsePgm(a.pgm): needs a PGM header, got 0 bytes",
        "parsePgm(a.pgm): needs a file that starts with P2 or P5, got "P6"",
        "parsePgm(a.pgm): needs 4 bytes of pixels, got 3 bytes (truncated)",
        "parsePgm(a.pgm): needs 4 values, got 3 values (truncated)",
        "parsePgm(a.pgm): needs a maxval of 1..65535, got 0",
        "parsePgm(a.pgm): needs a maxval of 1..65535, got 70000",
        "parsePgm(a.pgm): needs values of at most maxval 10, got 11 at pixel 0",
        "parsePgm(a.pgm): needs a number for height, got byte 0x78",
        "parsePgm(a.pgm): needs a width and height of at least 1, got 0 × 1",
        "parsePgm(a.pgm): needs 8100000000000000 bytes of pixels, got 0 bytes (truncated)",
      ]
    `);
  });
});

describe("formatPgm", () => {
  it("refuses pixels that do not fill the image", () => {
    expect(() => formatPgm({ width: 2, height: 2, pixels: new Uint8Array(3) })).toThrow("needs 2 × 2 pixels, got 3");
  });

  it("keeps text lines within the 70 characters that the format asks for", () => {
    const file = new TextDecoder().decode(
      formatPgm({ width: 60, height: 1, pixels: new Uint8Array(60).fill(255) }, "P2"),
    );
    expect(Math.max(...file.split("\n").map((line) => line.length))).toBeLessThanOrEqual(70);
  });
});
