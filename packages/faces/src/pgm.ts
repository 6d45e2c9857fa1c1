import { dataError } from "./data-error.ts";

/** A grey image: `pixels` is row-major, `[height, width]`, 0..255. */
export interface GreyImage {
  readonly width: number;
  readonly height: number;
  readonly pixels: Uint8Array;
}

interface Header {
  readonly format: "P2" | "P5";
  readonly width: number;
  readonly height: number;
  readonly maxval: number;
  /** Offset of the first byte after the single white space that ends the header. */
  readonly body: number;
}

const zero = 0x30;
const nine = 0x39;
const hash = 0x23;

/**
 * Reads a portable grey map, text (P2) or binary (P5), 8 or 16 bits, with comments.
 *
 * Values are scaled by `round(v · 255 / maxval)`: many files are written with the largest value that occurs as maxval, so
 * images of one set differ in scale until that is undone. Bytes after the image are allowed (the format permits several
 * images in one file); the first image is returned.
 *
 * Source: Netpbm, `pgm(5)`.
 *
 * @param name the file's name, for the error message
 * @throws DataError naming the file and what is wrong with it
 */
export function parsePgm(bytes: Uint8Array, name = "the image"): GreyImage {
  const { format, width, height, maxval, body } = readHeader(bytes, name);
  const raw =
    format === "P2"
      ? readText(bytes, body, width * height, name)
      : readBinary(bytes, body, width * height, maxval, name);
  const pixels = new Uint8Array(width * height);
  for (const [i, value] of raw.entries()) {
    if (value > maxval) throw broken(name, `values of at most maxval ${maxval}`, `${value} at pixel ${i}`);
    pixels[i] = Math.round((value * 255) / maxval);
  }
  return { width, height, pixels };
}

/**
 * Writes an 8-bit portable grey map with maxval 255.
 *
 * @throws DataError when `pixels` does not hold `width · height` values
 */
export function formatPgm({ width, height, pixels }: GreyImage, format: "P2" | "P5" = "P5"): Uint8Array {
  if (pixels.length !== width * height) {
    throw dataError(
      "formatPgm",
      `${width} × ${height} pixels`,
      `${pixels.length}`,
      "pixels are row-major, one byte each",
    );
  }
  const header = new TextEncoder().encode(`${format}\n${width} ${height}\n255\n`);
  // The format asks for lines of at most 70 characters: 17 numbers of three digits and a space.
  const lines = format === "P2" ? pixels.reduce((text, v, i) => `${text}${v}${i % 17 === 16 ? "\n" : " "}`, "") : "";
  const body = format === "P2" ? new TextEncoder().encode(`${lines}\n`) : pixels;
  const file = new Uint8Array(header.length + body.length);
  file.set(header);
  file.set(body, header.length);
  return file;
}

function readHeader(bytes: Uint8Array, name: string): Header {
  const format = readFormat(bytes, name);
  const [width, afterWidth] = readField(bytes, 2, "width", name);
  const [height, afterHeight] = readField(bytes, afterWidth, "height", name);
  const [maxval, end] = readField(bytes, afterHeight, "maxval", name);
  if (width < 1 || height < 1) throw broken(name, "a width and height of at least 1", `${width} × ${height}`);
  if (maxval < 1 || maxval > 65535) throw broken(name, "a maxval of 1..65535", `${maxval}`);
  if (!isBlank(bytes[end])) throw broken(name, "white space after maxval", byteText(bytes[end]));
  return { format, width, height, maxval, body: end + 1 };
}

function readFormat(bytes: Uint8Array, name: string): Header["format"] {
  if (bytes.length < 2) throw broken(name, "a PGM header", `${bytes.length} bytes`);
  const magic = String.fromCharCode(...bytes.subarray(0, 2));
  if (magic !== "P2" && magic !== "P5") throw broken(name, "a file that starts with P2 or P5", JSON.stringify(magic));
  return magic;
}

function readField(bytes: Uint8Array, from: number, field: string, name: string): [value: number, end: number] {
  const start = skipBlanks(bytes, from);
  if (start === from) throw broken(name, `white space before its ${field}`, byteText(bytes[from]));
  return readNumber(bytes, start, field, name);
}

function readText(bytes: Uint8Array, body: number, count: number, name: string): Uint16Array {
  // A value takes two bytes at least, so a header that promises more than the file can hold allocates nothing.
  if (count > bytes.length) throw truncated(name, count, "values", bytes.length - body, "bytes");
  const raw = new Uint16Array(count);
  let at = body;
  for (let i = 0; i < count; i++) {
    at = skipBlanks(bytes, at);
    if (at >= bytes.length) throw truncated(name, count, "values", i, "values");
    const [value, end] = readNumber(bytes, at, `pixel ${i}`, name);
    if (value > 65535) throw broken(name, "values of at most 65535", `${value} at pixel ${i}`);
    raw[i] = value;
    at = end;
  }
  return raw;
}

function readBinary(
  bytes: Uint8Array,
  body: number,
  count: number,
  maxval: number,
  name: string,
): Uint8Array | Uint16Array {
  const width = maxval < 256 ? 1 : 2;
  const present = bytes.length - body;
  if (present < count * width) throw truncated(name, count * width, "bytes of pixels", Math.max(0, present), "bytes");
  if (width === 1) return bytes.subarray(body, body + count);
  // Sixteen-bit values are stored with the most significant byte first, whatever the machine.
  return Uint16Array.from(
    { length: count },
    (_, i) => ((bytes[body + 2 * i] ?? 0) << 8) | (bytes[body + 2 * i + 1] ?? 0),
  );
}

/** The offset of the next byte that is neither white space nor part of a `#` comment. */
function skipBlanks(bytes: Uint8Array, from: number): number {
  let at = from;
  for (;;) {
    if (isBlank(bytes[at])) at += 1;
    else if (bytes[at] === hash) while (at < bytes.length && bytes[at] !== 0x0a && bytes[at] !== 0x0d) at += 1;
    else return at;
  }
}

function readNumber(bytes: Uint8Array, from: number, what: string, name: string): [value: number, end: number] {
  let at = from;
  let value = 0;
  for (let byte = bytes[at]; byte !== undefined && byte >= zero && byte <= nine; byte = bytes[at]) {
    value = value * 10 + byte - zero;
    at += 1;
  }
  if (at === from) throw broken(name, `a number for ${what}`, byteText(bytes[at]));
  if (!Number.isSafeInteger(value)) throw broken(name, `a smaller number for ${what}`, "one beyond 2^53");
  return [value, at];
}

function isBlank(byte: number | undefined): boolean {
  return byte === 0x20 || (byte !== undefined && byte >= 0x09 && byte <= 0x0d);
}

function byteText(byte: number | undefined): string {
  return byte === undefined ? "the end of the file" : `byte 0x${byte.toString(16).padStart(2, "0")}`;
}

function truncated(name: string, needed: number, what: string, present: number, unit: string): Error {
  return broken(name, `${needed} ${what}`, `${present} ${unit} (truncated)`);
}

function broken(name: string, needs: string, got: string): Error {
  return dataError(`parsePgm(${name})`, needs, got, "the file is damaged or not a PGM: copy it again, or skip it");
}
