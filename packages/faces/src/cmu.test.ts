import { mkdtempSync } from "node:fs";
import { mkdir, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { cmuIdentitySplits, cmuInput, cmuSubjectSplits, loadCmuFaces } from "./cmu.ts";
import { formatPgm } from "./pgm.ts";

const fixtures = mkdtempSync(join(tmpdir(), "cmu-faces-"));
afterAll(() => rm(fixtures, { recursive: true }));

const good = formatPgm({ width: 32, height: 30, pixels: Uint8Array.from({ length: 960 }, (_, i) => i & 255) });

/** A root folder with the given files; names are `<user>/<file>`. */
async function layout(name: string, files: Readonly<Record<string, Uint8Array>>): Promise<string> {
  const root = join(fixtures, name);
  await mkdir(root);
  for (const [file, bytes] of Object.entries(files)) {
    await mkdir(join(root, file, ".."), { recursive: true });
    await writeFile(join(root, file), bytes);
  }
  return root;
}

describe("loadCmuFaces on generated folders", () => {
  it("reads the four labels from the file name, people and files in sorted order", async () => {
    const root = await layout("labels", {
      "zoe/zoe_up_sad_sunglasses_4.pgm": good,
      "an2i/an2i_left_angry_open_4.pgm": good,
      "an2i/an2i_left_angry_open_4.txt": good,
      "an2i/an2i_right_happy_open_2.pgm": good,
    });
    const faces = await loadCmuFaces(root, { size: "quarter" });
    expect(faces.files).toEqual(["an2i/an2i_left_angry_open_4.pgm", "zoe/zoe_up_sad_sunglasses_4.pgm"]);
    expect(faces.classes).toEqual({
      identity: ["an2i", "zoe"],
      pose: ["straight", "left", "right", "up"],
      expression: ["neutral", "anger", "happiness", "sadness"],
      eyes: ["open", "sunglasses"],
    });
    expect([[...faces.identity], [...faces.pose], [...faces.expression], [...faces.eyes]]).toEqual([
      [0, 1],
      [1, 3],
      [1, 3],
      [0, 1],
    ]);
    expect(faces.images.length).toBe(2 * 32 * 30);
  });

  it("never loads a .bad file, and lists it", async () => {
    const root = await layout("glitches", {
      "kk49/kk49_up_sad_open_4.pgm": good,
      "kk49/kk49_up_sad_sunglasses_4.bad": good,
    });
    const faces = await loadCmuFaces(root, { size: "quarter" });
    expect([faces.files.length, faces.glitches]).toEqual([1, ["kk49/kk49_up_sad_sunglasses_4.bad"]]);
  });

  it("says which file is truncated or of the wrong size, or counts it with skipBad", async () => {
    const root = await layout("damaged", {
      "bpm/bpm_left_sad_open_4.pgm": good.subarray(0, 500),
      "bpm/bpm_right_sad_open_4.pgm": formatPgm({ width: 2, height: 1, pixels: Uint8Array.of(1, 2) }),
      "bpm/bpm_up_sad_open_4.pgm": good,
    });
    const failure = loadCmuFaces(root, { size: "quarter" });
    await expect(failure).rejects.toThrow(/needs a good image in bpm\/bpm_left_sad_open_4\.pgm, got .*truncated/);
    const faces = await loadCmuFaces(root, { size: "quarter", skipBad: true });
    expect(faces.files).toEqual(["bpm/bpm_up_sad_open_4.pgm"]);
    expect(faces.skipped.map(({ file }) => file)).toEqual([
      "bpm/bpm_left_sad_open_4.pgm",
      "bpm/bpm_right_sad_open_4.pgm",
    ]);
    expect(faces.skipped[1]?.why).toBe("2 × 1, not 32 × 30 pixels");
  });

  it("says which file cannot be read at all", async () => {
    const root = await layout("unreadable", { "megak/megak_up_sad_open_4.pgm/inside": good });
    await expect(loadCmuFaces(root, { size: "quarter" })).rejects.toThrow(/megak_up_sad_open_4\.pgm, got a folder/);
  });

  it("says what is wrong with a file once, with one hint", async () => {
    const root = await layout("emptied", { "saavik/saavik_up_sad_open_4.pgm": Uint8Array.of() });
    await expect(loadCmuFaces(root, { size: "quarter" })).rejects.toThrowErrorMatchingInlineSnapshot(`
      [DataError: loadCmuFaces: needs a good image in saavik/saavik_up_sad_open_4.pgm, got 0 bytes, not a PGM header
        hint: copy the file again, or pass skipBad: true to leave such files out]
    `);
  });

  it("takes people of any name, and does not take what a file system hides for one", async () => {
    const root = await layout("names", {
      "Ann Lee/Ann Lee_up_sad_open_4.pgm": good,
      "<b>x&y/<b>x&y_up_sad_open_4.pgm": good,
      "a_b/a_b_up_sad_open_4.pgm": good,
      "a_b/._a_b_up_sad_open_4.pgm": Uint8Array.of(0),
    });
    const { classes, files } = await loadCmuFaces(root, { size: "quarter" });
    expect([classes.identity, files.length]).toEqual([["<b>x&y", "Ann Lee", "a_b"], 3]);
  });

  it("follows links to folders and files, but none that leads nowhere or round in a circle", async () => {
    const elsewhere = await layout("elsewhere", { "steffi/steffi_up_sad_open_4.pgm": good });
    const root = await layout("links", { "tammo/tammo_up_sad_open_4.pgm": good });
    await symlink(join(elsewhere, "steffi"), join(root, "steffi"));
    await symlink("circle", join(root, "circle"));
    await symlink("nowhere", join(root, "dangling"));
    await symlink(root, join(root, "itself"));
    const { classes } = await loadCmuFaces(root, { size: "quarter" });
    expect(classes.identity).toEqual(["steffi", "tammo"]);
  });

  it("explains a wrong path, an empty folder and a size that is not there", async () => {
    const empty = await layout("empty", {});
    const root = await layout("small", { "tammo/tammo_up_sad_open_4.pgm": good });
    await expect(loadCmuFaces(join(fixtures, "nowhere"))).rejects.toThrow(
      /needs a readable folder.*ENOENT[^]*hint: pass the folder/,
    );
    await expect(loadCmuFaces(empty)).rejects.toThrow(
      /needs folders of \.pgm files.*got 0 entries[^]*hint: pass the folder/,
    );
    await expect(loadCmuFaces(root, { size: "full" })).rejects.toThrow(
      /needs full-size images.*got none[^]*hint: sizes/,
    );
  });

  it("crops and resizes to network input in 0..1", async () => {
    const root = await layout("input", { "night/night_up_sad_open_4.pgm": good });
    const faces = await loadCmuFaces(root, { size: "quarter" });
    const input = cmuInput(faces, 15, 16);
    expect(input.length).toBe(15 * 16);
    // The first block of 2 × 2 pixels holds 0, 1, 32 and 33.
    expect(input[0]).toBeCloseTo(16.5 / 255, 6);
    expect([...cmuInput(faces, 1, 2, { x: 3, y: 1, width: 2, height: 1 })].map((v) => Math.round(v * 255))).toEqual([
      35, 36,
    ]);
    for (const crop of [{ x: 30 }, { x: 0.5 }, { x: NaN }, { y: -1 }, { height: 0 }]) {
      const whole = { x: 0, y: 0, width: 4, height: 4, ...crop };
      expect(() => cmuInput(faces, 4, 4, whole)).toThrow("needs a crop within 32 × 30");
    }
  });
});

const data = process.env["STEELYARD_DATA"] ?? join(import.meta.dirname, "../../../../shared/data");
const root = join(data, "cmu_faces");
const here = await import("node:fs").then(({ existsSync }) => existsSync(root));
const title = here ? "" : ` (SKIPPED: no cmu_faces in ${data}; set STEELYARD_DATA)`;

const sum = (values: Uint8Array): number => values.reduce((total, v) => total + v, 0);

describe.skipIf(!here)(`loadCmuFaces on the real set${title}`, () => {
  it.each([
    ["full", "an2i/an2i_left_angry_open.pgm", 937261, [34, 3, 2, 0, 3]],
    ["half", "an2i/an2i_left_angry_open_2.pgm", 236893, null],
    ["quarter", "an2i/an2i_left_angry_open_4.pgm", 58925, [13, 51, 31, 25, 83]],
  ] as const)("scales the %s-size image as published", async (size, file, total, firstFive) => {
    const { files, images, width, height } = await loadCmuFaces(root, { size });
    const at = files.indexOf(file) * width * height;
    const image = images.subarray(at, at + width * height);
    expect(sum(image)).toBe(total);
    if (firstFive !== null) expect([...image.subarray(0, 5)]).toEqual(firstFive);
  });

  it("holds 624 good half-size images of 20 people", async () => {
    const faces = await loadCmuFaces(root);
    expect([faces.files.length, faces.classes.identity.length, faces.skipped.length]).toEqual([624, 20, 0]);
    expect(faces.classes.identity[0]).toBe("an2i");
  });

  it("splits identity by pose, and the other tasks by person", async () => {
    const faces = await loadCmuFaces(root);
    const byPose = cmuIdentitySplits(faces);
    expect(byPose.map(({ test }) => new Set(Array.from(test, (i) => faces.pose[i])).size)).toEqual([1, 1, 1, 1]);
    for (const { train, test } of cmuSubjectSplits(faces)) {
      const people = (indices: Int32Array): Set<number | undefined> =>
        new Set(Array.from(indices, (i) => faces.identity[i]));
      expect(people(test).size).toBe(4);
      expect(people(train).isDisjointFrom(people(test))).toBe(true);
    }
  });
});
