/**
 * Faces with two labels each, who it is and what is felt: a renderer that needs no data, and loaders of public sets.
 *
 * @module
 */

export { cmuEyes, cmuIdentitySplits, cmuInput, cmuPoses, cmuSubjectSplits, loadCmuFaces } from "./cmu.ts";
export type { CmuFaces, CmuOptions, CmuSize } from "./cmu.ts";
export { expressions, inCanonicalOrder, sevenExpressions } from "./expressions.ts";
export type { Expression } from "./expressions.ts";
export { facePairs, formatFacePairs } from "./face-pairs.ts";
export type { FacePairs, FacePairsOptions } from "./face-pairs.ts";
export { linearBaseline } from "./linear-baseline.ts";
export type { LinearBaselineOptions, LinearClassifier } from "./linear-baseline.ts";
export { formatPgm, parsePgm } from "./pgm.ts";
export type { GreyImage } from "./pgm.ts";
export { difficulty, difficultyPresets } from "./renderer/difficulty.ts";
export type { Degradations, Difficulty, DifficultyOptions, DifficultyPreset } from "./renderer/difficulty.ts";
export { drawPopulation, identityDistance } from "./renderer/identity.ts";
export type { Beard, HairStyle, Identity, Mole, PopulationOptions, Trait } from "./renderer/identity.ts";
export { createCanvas } from "./renderer/raster.ts";
export type { Canvas } from "./renderer/raster.ts";
export { renderFace } from "./renderer/render.ts";
export type { FaceRequest } from "./renderer/render.ts";
export { renderedFaces, renderedFacesSplit } from "./renderer/rendered-faces.ts";
export type {
  FaceBatch,
  FaceSplit,
  FaceSplitOptions,
  RenderedFaces,
  RenderedFacesOptions,
} from "./renderer/rendered-faces.ts";
export { resize } from "./resize.ts";
export type { PixelGrid } from "./resize.ts";
export { sharedImages, withSharedImages } from "./shared-images.ts";
export type { SharedImages } from "./shared-images.ts";
export { leaveOneOut, subjectFolds } from "./splits.ts";
export type { Split } from "./splits.ts";
export { FaceNet } from "./network.ts";
export type { FaceNetOptions, FaceOutputs } from "./network.ts";
export { cmuProblems, renderedProblem } from "./problem.ts";
export type { CmuProblemOptions, FaceProblem, LabelledImages, RenderedProblemOptions } from "./problem.ts";
export { faceTraining, scoreFaces, trainFaces } from "./training.ts";
export type { FaceTraining, Score, TrainingOptions, TrainingResult } from "./training.ts";
