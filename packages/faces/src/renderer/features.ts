import type { Point, Side } from "./landmarks.ts";
import type { Portrait } from "./portrait.ts";
import type { Colour } from "./raster.ts";
import { unitLevel } from "./action-units.ts";
import { closedCurve, ellipse, openCurve, stroke } from "./geometry.ts";
import { fill, point, shape } from "./portrait.ts";
import { mixColour, paint } from "./raster.ts";

const sides: readonly Side[] = ["left", "right"];
const white: Colour = [236, 234, 228];
const teeth: Colour = [242, 238, 226];
const throat: Colour = [54, 14, 18];
const black: Colour = [18, 14, 14];

/** Creases, moles, nose, eyes, brows and mouth, in the order in which they cover each other. */
export function paintFeatures(portrait: Portrait): void {
  paintCreases(portrait);
  for (const { x, y, radius } of portrait.identity.moles) {
    fill(portrait, ellipse(point(x, y, 0), radius, radius), portrait.colours.crease, 0.9);
  }
  paintNose(portrait);
  for (const side of sides) {
    paintEye(portrait, side);
    paintBrow(portrait, side);
  }
  paintMouth(portrait);
}

function paintEye(portrait: Portrait, side: Side): void {
  const { canvas, landmarks, colours, identity, nuisance } = portrait;
  const { eyeInner, eyeTop, eyeOuter, eyeBottom } = landmarks[side];
  const sign = side === "left" ? -1 : 1;
  const eye = shape(portrait, closedCurve([eyeInner, eyeTop, eyeOuter, eyeBottom]));
  paint(canvas, eye, white);
  const [gazeX, gazeY] = nuisance.gaze;
  const pupil = point(sign * 0.5 + gazeX, gazeY, 0.05);
  const { irisRadius } = identity.traits;
  paint(canvas, shape(portrait, ellipse(pupil, irisRadius, irisRadius)), colours.iris, 1, eye);
  paint(canvas, shape(portrait, ellipse(pupil, irisRadius * 0.5, irisRadius * 0.5)), black, 1, eye);
  // The lash line makes the opening readable where the eye is only two pixels high.
  fill(portrait, stroke(openCurve([eyeInner, eyeTop, eyeOuter]), 0.06), black, 0.85);
  fill(portrait, stroke(openCurve([eyeInner, eyeBottom, eyeOuter]), 0.025), colours.crease, 0.6);
}

function paintBrow(portrait: Portrait, side: Side): void {
  const { landmarks, colours, identity } = portrait;
  const { browInner, browPeak, browOuter } = landmarks[side];
  const { browThickness } = identity.traits;
  // The landmarks are the lower edge; the brow is thickest above the pupil.
  const raised = ({ x, y, z }: Point, share: number): Point => ({ x, y: y - browThickness * share, z });
  const lower = openCurve([browInner, browPeak, browOuter]);
  const upper = openCurve([raised(browInner, 0.75), raised(browPeak, 1), raised(browOuter, 0.4)]);
  fill(portrait, [...lower, ...upper.toReversed()], colours.brow, 0.92);
}

function paintNose(portrait: Portrait): void {
  const { landmarks, colours, nuisance } = portrait;
  const { noseBridge, noseTip } = landmarks.middle;
  const [lightX] = nuisance.light.direction;
  // The side away from the light lies in shade, and the shade has the nose's profile.
  const dark: Side = lightX > 0 ? "left" : "right";
  const sign = dark === "left" ? -1 : 1;
  const wing = landmarks[dark].noseWing;
  const profile = [
    noseBridge,
    point(sign * 0.03, noseTip.y * 0.6, 0.4),
    noseTip,
    wing,
    point(sign * 0.14, noseTip.y * 0.5, 0.1),
    point(sign * 0.15, 0.05, 0.05),
  ];
  fill(portrait, closedCurve(profile, 3), colours.shade, 0.4 + 0.4 * Math.abs(lightX));
  const base = [
    landmarks.left.noseWing,
    point(-0.1, noseTip.y + 0.07, 0.32),
    point(0.1, noseTip.y + 0.07, 0.32),
    landmarks.right.noseWing,
  ];
  fill(portrait, stroke(openCurve(base), 0.06), colours.crease, 0.55);
  for (const side of sides) {
    const { x, y } = landmarks[side].noseWing;
    fill(portrait, ellipse(point(x * 0.5, y + 0.07, 0.3), 0.06, 0.035), colours.crease, 0.9);
  }
}

function paintMouth(portrait: Portrait): void {
  const { canvas, landmarks, colours } = portrait;
  const { left, right, middle } = landmarks;
  const lips = [
    left.mouthCorner,
    left.lipPeak,
    middle.lipTop,
    right.lipPeak,
    right.mouthCorner,
    right.lipBottomSide,
    middle.lipBottom,
    left.lipBottomSide,
  ];
  fill(portrait, closedCurve(lips, 3), colours.lip);
  const upper = openCurve([
    left.mouthCorner,
    left.lipSideTopInner,
    middle.lipTopInner,
    right.lipSideTopInner,
    right.mouthCorner,
  ]);
  const lower = openCurve([
    left.mouthCorner,
    left.lipSideBottomInner,
    middle.lipBottomInner,
    right.lipSideBottomInner,
    right.mouthCorner,
  ]);
  const opening = shape(portrait, [...upper, ...lower.toReversed()]);
  paint(canvas, opening, throat);
  paintTeeth(portrait, opening);
  // The line between closed lips carries the shape of the mouth.
  fill(portrait, stroke(upper, 0.05, 0.3), mixColour(colours.lip, throat, 0.75));
}

/** The upper row of teeth hangs from the upper lip; it shows as far as the lip is drawn up or aside. */
function paintTeeth(portrait: Portrait, opening: ReturnType<typeof shape>): void {
  const { canvas, landmarks, levels } = portrait;
  const { left, right, middle } = landmarks;
  const shown = Math.max(unitLevel(levels, 12), unitLevel(levels, 10), 0.8 * unitLevel(levels, 20));
  if (shown <= 0) return;
  const drop = 0.16;
  const row = [
    left.mouthCorner,
    left.lipSideTopInner,
    middle.lipTopInner,
    right.lipSideTopInner,
    right.mouthCorner,
    point(right.lipSideTopInner.x, right.lipSideTopInner.y + drop, 0.2),
    point(0, middle.lipTopInner.y + drop, 0.24),
    point(left.lipSideTopInner.x, left.lipSideTopInner.y + drop, 0.2),
  ];
  paint(canvas, shape(portrait, row), teeth, Math.min(1, 1.3 * shown), opening);
}

function paintCreases(portrait: Portrait): void {
  const { landmarks, colours, levels } = portrait;
  const crease = (line: readonly Point[], strength: number, thickness = 0.05): void => {
    fill(portrait, stroke(openCurve(line), thickness), colours.crease, Math.min(0.8, 0.75 * strength));
  };
  for (const side of sides) {
    const sign = side === "left" ? -1 : 1;
    const at = (unit: number): number => levels[side][unit] ?? 0;
    const { noseWing, mouthCorner, eyeOuter } = landmarks[side];
    const fold = Math.max(0.8 * at(9), at(10), 0.8 * at(12), 0.6 * at(14));
    crease(
      [
        noseWing,
        point(mouthCorner.x + sign * 0.08, (noseWing.y + mouthCorner.y) / 2, 0.1),
        point(mouthCorner.x + sign * 0.12, mouthCorner.y - 0.05, 0),
      ],
      fold,
    );
    crease([point(eyeOuter.x + sign * 0.04, 0.05, -0.1), point(eyeOuter.x + sign * 0.2, 0.14, -0.2)], at(6));
    crease(
      [
        point(sign * 0.09, landmarks[side].browInner.y - 0.2, 0.15),
        point(sign * 0.08, landmarks[side].browInner.y + 0.06, 0.18),
      ],
      at(4),
      0.06,
    );
    crease([point(sign * 0.02, 0.2, 0.25), point(sign * 0.2, 0.3, 0.15)], at(9), 0.06);
  }
  const forehead = (unitLevel(levels, 1) + unitLevel(levels, 2)) / 2;
  for (const y of [-0.72, -0.9])
    crease([point(-0.55, y + 0.04, 0), point(0, y, 0.1), point(0.55, y + 0.04, 0)], 0.8 * forehead);
  const { lipBottom } = landmarks.middle;
  crease(
    [point(-0.22, lipBottom.y + 0.16, 0.15), point(0, lipBottom.y + 0.11, 0.2), point(0.22, lipBottom.y + 0.16, 0.15)],
    unitLevel(levels, 17),
  );
}

/** Glasses, over everything else on the face. */
export function paintGlasses(portrait: Portrait): void {
  const { glasses } = portrait.nuisance;
  if (glasses === null) return;
  for (const side of [-1, 1]) {
    const lens = closedCurve(
      [
        point(side * 0.16, -0.1, 0.2),
        point(side * 0.5, -0.22, 0.2),
        point(side * 0.86, -0.12, 0.1),
        point(side * 0.8, 0.2, 0.1),
        point(side * 0.5, 0.3, 0.2),
        point(side * 0.2, 0.18, 0.2),
      ],
      3,
    );
    fill(portrait, lens, glasses.colour, glasses.dark ? 0.9 : 0.12);
    fill(portrait, rim(lens), glasses.colour, 0.9);
  }
  fill(portrait, stroke([point(-0.16, -0.05, 0.25), point(0.16, -0.05, 0.25)], 0.06, 0), glasses.colour, 0.9);
}

function rim(lens: readonly Point[]): readonly Point[] {
  return stroke([...lens, ...lens.slice(0, 2)], 0.06, 0);
}
