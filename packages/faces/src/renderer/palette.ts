import type { Trait } from "./identity.ts";
import type { Colour } from "./raster.ts";
import { clamp } from "./identity.ts";
import { mix, mixColour } from "./raster.ts";

/** The colours of a person, derived from the tone traits. */
export interface Palette {
  readonly skin: Colour;
  readonly shade: Colour;
  readonly crease: Colour;
  readonly iris: Colour;
  readonly hair: Colour;
  readonly brow: Colour;
  readonly lip: Colour;
}

/**
 * Quantiles of the red of skin: mean 185, deviation 30, from 78 to 216, as measured on the London set (mean 186, 149, 135,
 * deviation 29). Tone is the share of people who are darker, so the long dark tail of the measured set is kept.
 */
const skinRed: readonly (readonly [tone: number, red: number])[] = [
  [0, 78],
  [0.06, 130],
  [0.22, 171],
  [0.5, 196],
  [0.75, 208],
  [1, 216],
];

const irises: readonly Colour[] = [
  [62, 38, 22],
  [105, 68, 36],
  [92, 110, 62],
  [78, 128, 158],
  [120, 140, 150],
];

const hairDark: Colour = [22, 17, 15];
const hairBrown: Colour = [98, 64, 40];
const hairBlond: Colour = [214, 178, 112];
const hairGrey: Colour = [176, 174, 172];
const hairRed: Colour = [150, 62, 24];

export function palette(traits: Readonly<Record<Trait, number>>): Palette {
  const skin = skinColour(traits.skinTone, traits.skinHue);
  const hair = hairColour(clamp(traits.hairTone, 0, 1), clamp(traits.hairWarmth, 0, 1));
  const dark: Colour = [30, 20, 16];
  return {
    skin,
    shade: mixColour(skin, dark, 0.22),
    crease: mixColour(skin, dark, 0.55),
    iris: between(irises, clamp(traits.irisTone, 0, 1)),
    hair,
    brow: darkened(
      mixColour(hair, dark, 0.4 + 0.5 * clamp(traits.browTone, 0, 1)),
      clamp((skin[0] - 40) / 130, 0.3, 1),
    ),
    lip: mixColour(mixColour(skin, [176, 64, 70], mix(0.4, 0.85, clamp(traits.lipRedness, 0, 1))), dark, 0.08),
  };
}

/** Brows stay darker than dark skin, or the expression could not be read from them. */
function darkened([red, green, blue]: Colour, factor: number): Colour {
  return [red * factor, green * factor, blue * factor];
}

/** The regression of green and blue on red over the measured people; hue shifts them against each other. */
function skinColour(tone: number, hue: number): Colour {
  const red = quantile(skinRed, clamp(tone, 0, 1));
  return [red, 149 + 0.95 * (red - 186) + 4 * hue, 135 + 0.9 * (red - 186) - 6 * hue];
}

function hairColour(tone: number, warmth: number): Colour {
  // A tenth of the people at each end: grey at the light end, and red where warmth is high in the middle.
  if (tone > 0.9) return mixColour(hairBlond, hairGrey, clamp((tone - 0.9) * 20, 0, 1));
  const plain =
    tone < 0.55 ? mixColour(hairDark, hairBrown, tone / 0.55) : mixColour(hairBrown, hairBlond, (tone - 0.55) / 0.35);
  return mixColour(plain, hairRed, clamp((warmth - 0.6) * 1.8, 0, 0.7));
}

function quantile(table: readonly (readonly [share: number, value: number])[], share: number): number {
  let [low, from] = table[0] ?? [0, 0];
  for (const [high, to] of table) {
    if (share <= high && high > low) return mix(from, to, (share - low) / (high - low));
    [low, from] = [high, to];
  }
  return from;
}

function between(colours: readonly Colour[], share: number): Colour {
  const place = share * (colours.length - 1);
  const first = Math.min(colours.length - 2, Math.floor(place));
  const [from, to] = [colours[first], colours[first + 1]];
  if (from === undefined || to === undefined) return [0, 0, 0];
  return mixColour(from, to, place - first);
}
