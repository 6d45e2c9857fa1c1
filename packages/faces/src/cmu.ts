import type { CmuExpression, Expression } from "./expressions.ts";
import type { GreyImage } from "./pgm.ts";
import type { Split } from "./splits.ts";
import { dataError, reason } from "./data-error.ts";
import { cmuExpressions, inCanonicalOrder } from "./expressions.ts";
import { parsePgm } from "./pgm.ts";
import { resize } from "./resize.ts";
import { leaveOneOut, subjectFolds } from "./splits.ts";

export type CmuSize = "full" | "half" | "quarter";

/** File name suffix, width and height of each size. */
const sizes: Readonly<Record<CmuSize, { readonly suffix: string; readonly width: number; readonly height: number }>> = {
  full: { suffix: "", width: 128, height: 120 },
  half: { suffix: "_2", width: 64, height: 60 },
  quarter: { suffix: "_4", width: 32, height: 30 },
};

const layout = /^([^.].*)_(straight|left|right|up)_(neutral|happy|sad|angry)_(open|sunglasses)(?:_(2|4))?\.(pgm|bad)$/;

/** The class names of the pose and eyes tasks; a label indexes them. */
export const cmuPoses: readonly string[] = ["straight", "left", "right", "up"];
export const cmuEyes: readonly string[] = ["open", "sunglasses"];
const cmuExpressionClasses: readonly Expression[] = inCanonicalOrder(Object.values(cmuExpressions));

/** The CMU Face Images in memory: four tasks of very different difficulty in one set of images. */
export interface CmuFaces {
  readonly width: number;
  readonly height: number;
  /** `[N, height, width]`, 0..255, each image scaled by its own maxval. */
  readonly images: Uint8Array;
  /** File of each image relative to the root, in the order of the images (sorted by person, then by name). */
  readonly files: readonly string[];
  /** Class names per task; the labels below index them. */
  readonly classes: {
    readonly identity: readonly string[];
    readonly pose: readonly string[];
    readonly expression: readonly Expression[];
    readonly eyes: readonly string[];
  };
  readonly identity: Int32Array;
  readonly pose: Int32Array;
  readonly expression: Int32Array;
  readonly eyes: Int32Array;
  /** Files marked `.bad` by the set's author (camera glitches) among those of this size; they are never loaded. */
  readonly glitches: readonly string[];
  /** Files that could not be read, and why; empty unless `skipBad` is set. */
  readonly skipped: readonly { readonly file: string; readonly why: string }[];
}

export interface CmuOptions {
  /** full 128 × 120, half 64 × 60 or quarter 32 × 30; default half. */
  readonly size?: CmuSize;
  /** Leave out and list unreadable files instead of failing on the first; default false. */
  readonly skipBad?: boolean;
}

interface Entry {
  readonly file: string;
  readonly user: string;
  readonly pose: string;
  readonly expression: Expression;
  readonly eyes: string;
  readonly size: CmuSize;
  readonly bad: boolean;
}

/**
 * Loads the CMU Face Images from their original layout: one folder per person with
 * `<user>_<pose>_<expression>_<eyes>[_2|_4].pgm` inside. People are sorted by name; files of another form, and hidden ones,
 * are ignored. Links to folders and to files are followed.
 *
 * Source: T. Mitchell, *Machine Learning* (1997), chapter 4; at most 20 people × 4 poses × 4 expressions × open/sunglasses.
 *
 * @param root the folder that holds the people's folders
 * @throws DataError when the folder is missing or holds no image of the size, or, without `skipBad`, for the first file
 * that is missing, truncated or of the wrong size
 */
export async function loadCmuFaces(
  root: string,
  { size = "half", skipBad = false }: CmuOptions = {},
): Promise<CmuFaces> {
  // Imported on use, so that pages which only render faces never load a file system.
  const { readFile, stat } = await import("node:fs/promises");
  const { width, height } = sizes[size];
  const entries = (await listEntries(root)).filter((entry) => entry.size === size);
  const kept: { readonly entry: Entry; readonly pixels: Uint8Array }[] = [];
  const skipped: { readonly file: string; readonly why: string }[] = [];
  for (const entry of entries.filter(({ bad }) => !bad)) {
    try {
      const path = `${root}/${entry.file}`;
      // A pipe would be waited for, without end.
      if (!(await stat(path)).isFile()) throw dataError(entry.file, "a file", "a folder or a device", "remove it");
      const image = parsePgm(await readFile(path), entry.file);
      requireSize(image, entry.file, size);
      kept.push({ entry, pixels: image.pixels });
    } catch (thrown) {
      if (!skipBad) throw unreadable(entry.file, thrown);
      skipped.push({ file: entry.file, why: reason(thrown) });
    }
  }
  if (kept.length === 0) {
    throw dataError(
      "loadCmuFaces",
      `${size}-size images in ${root}`,
      skipped.length > 0 ? `${skipped.length} unreadable files` : "none",
      `sizes are told apart by the file name: ..._open.pgm full, ..._open_2.pgm half, ..._open_4.pgm quarter`,
    );
  }
  const images = new Uint8Array(kept.length * width * height);
  for (const [i, { pixels }] of kept.entries()) images.set(pixels, i * width * height);
  const glitches = entries.filter(({ bad }) => bad).map(({ file }) => file);
  return { width, height, images, ...labels(kept.map(({ entry }) => entry)), glitches, skipped };
}

/**
 * The images as network input: `[N, height, width, 1]` in 0..1, resized by area averaging.
 *
 * Whole frames give identity away by clothes and background; pass a `crop` (in pixels of the loaded size) for honest
 * identity numbers.
 *
 * @throws DataError for a crop that is not whole pixels within the images, or a size that is not whole
 */
export function cmuInput(
  faces: CmuFaces,
  height: number,
  width: number = height,
  crop: { readonly x: number; readonly y: number; readonly width: number; readonly height: number } = {
    x: 0,
    y: 0,
    ...dimensions(faces),
  },
): Float32Array {
  if (!fits(crop.x, crop.width, faces.width) || !fits(crop.y, crop.height, faces.height)) {
    throw dataError(
      "cmuInput",
      `a crop within ${faces.width} × ${faces.height}`,
      `${crop.width} × ${crop.height} at (${crop.x}, ${crop.y})`,
      "the crop is measured in whole pixels of the loaded size",
    );
  }
  const count = faces.files.length;
  const input = new Float32Array(count * height * width);
  const pixels = new Float64Array(crop.width * crop.height);
  for (let i = 0; i < count; i++) {
    for (let y = 0; y < crop.height; y++) {
      const start = (i * faces.height + crop.y + y) * faces.width + crop.x;
      for (let x = 0; x < crop.width; x++) pixels[y * crop.width + x] = (faces.images[start + x] ?? 0) / 255;
    }
    input.set(
      resize({ width: crop.width, height: crop.height, channels: 1, pixels }, height, width),
      i * height * width,
    );
  }
  return input;
}

/** Whether `[start, start + length)` is at least one whole pixel within `[0, size)`. */
function fits(start: number, length: number, size: number): boolean {
  return Number.isInteger(start) && Number.isInteger(length) && start >= 0 && length >= 1 && start + length <= size;
}

/** The identity protocol: train on three poses, test on the fourth. */
export function cmuIdentitySplits(faces: CmuFaces): readonly Split[] {
  return leaveOneOut(faces.pose, faces.classes.pose);
}

/** The protocol of pose, expression and eyes: nobody is both trained and tested on. Five folds of four people by default. */
export function cmuSubjectSplits(faces: CmuFaces, folds = 5): readonly Split[] {
  return subjectFolds(faces.identity, folds);
}

async function listEntries(root: string): Promise<readonly Entry[]> {
  const { readdir, stat } = await import("node:fs/promises");
  const hint = "pass the folder that holds one folder per person (an2i, at33, boland, ...)";
  const namesIn = (folder: string): Promise<string[]> =>
    readdir(folder).catch((thrown: unknown) => {
      throw dataError("loadCmuFaces", `a readable folder at ${folder}`, reason(thrown), hint);
    });
  // A link that leads nowhere, or round in a circle, is no folder.
  const isFolder = async (path: string): Promise<boolean> =>
    stat(path).then(
      (found) => found.isDirectory(),
      () => false,
    );
  const people = await namesIn(root);
  const entries: Entry[] = [];
  for (const person of people) {
    if (!(await isFolder(`${root}/${person}`))) continue;
    for (const name of await namesIn(`${root}/${person}`)) {
      const entry = parseName(person, name);
      if (entry !== null) entries.push(entry);
    }
  }
  if (entries.length === 0) {
    throw dataError(
      "loadCmuFaces",
      `folders of .pgm files in ${root}`,
      `${people.length} entries, none of that form`,
      hint,
    );
  }
  // Compared by code unit: the same order on every machine, whatever its locale or file system.
  return entries.toSorted((a, b) => (a.file < b.file ? -1 : Number(a.file > b.file)));
}

function parseName(folder: string, name: string): Entry | null {
  const match = layout.exec(name);
  if (match === null) return null;
  const [, user = "", pose = "", expression = "", eyes = "", shrink, ending] = match;
  return {
    file: `${folder}/${name}`,
    user,
    pose,
    expression: cmuExpressions[expression as CmuExpression],
    eyes,
    size: shrink === undefined ? "full" : shrink === "2" ? "half" : "quarter",
    bad: ending === "bad",
  };
}

function labels(
  entries: readonly Entry[],
): Pick<CmuFaces, "files" | "classes" | "identity" | "pose" | "expression" | "eyes"> {
  const people = [...new Set(entries.map(({ user }) => user))].toSorted();
  const indexIn = (names: readonly string[], pick: (entry: Entry) => string): Int32Array =>
    Int32Array.from(entries, (entry) => names.indexOf(pick(entry)));
  return {
    files: entries.map(({ file }) => file),
    classes: { identity: people, pose: cmuPoses, expression: cmuExpressionClasses, eyes: cmuEyes },
    identity: indexIn(people, ({ user }) => user),
    pose: indexIn(cmuPoses, ({ pose }) => pose),
    expression: indexIn(cmuExpressionClasses, ({ expression }) => expression),
    eyes: indexIn(cmuEyes, ({ eyes }) => eyes),
  };
}

function dimensions({ width, height }: CmuFaces): { readonly width: number; readonly height: number } {
  return { width, height };
}

function requireSize(image: GreyImage, file: string, size: CmuSize): void {
  const { width, height } = sizes[size];
  if (image.width !== width || image.height !== height) {
    throw dataError(
      file,
      `${width} × ${height} pixels`,
      `${image.width} × ${image.height}`,
      "its name promises another size",
    );
  }
}

function unreadable(file: string, thrown: unknown): Error {
  return dataError(
    "loadCmuFaces",
    `a good image in ${file}`,
    reason(thrown),
    "copy the file again, or pass skipBad: true to leave such files out",
  );
}
