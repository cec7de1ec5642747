import { beginScene } from "./begin-scene.ts";
import { findBlobs } from "./blobs.ts";
import { joinFragments } from "./fragments.ts";
import { type Judged, judge, keepLikely } from "./judge.ts";
import type { LabelName } from "./label.ts";
import { nextPicture } from "./next-picture.ts";
import type { Picture } from "./picture.ts";
import { isAnotherScene, type Scene } from "./scene.ts";
import { Sources } from "./sources.ts";
import { subjectMask } from "./subject.ts";
import { Workspace } from "./workspace.ts";

/** One object, its box in pixels of the sent picture from the top left, clipped. */
export interface Detection {
  class: LabelName;
  /** 0.3..0.99, a heuristic. */
  confidence: number;
  bbox: { x: number; y: number; width: number; height: number };
}

/** Finds objects in pictures. Keeps the scenes of the 64 sources that were used last. */
export class Detector {
  readonly #sources = new Sources<Scene>(64);
  readonly #workspace = new Workspace();

  /** Finds objects against the source's own background, or, with none, against the picture's border colours. */
  detect(picture: Picture, source?: string): Detection[] {
    this.#workspace.begin();
    const found = source === undefined ? detectSubject(picture, this.#workspace) : this.#detectChange(picture, source);
    return found.map((object) => toDetection(object, picture)).sort((a, b) => b.confidence - a.confidence);
  }

  #detectChange(picture: Picture, source: string): Judged[] {
    const scene = this.#sources.get(source);
    const found =
      scene !== undefined && !isAnotherScene(scene, picture) ? nextPicture(scene, picture, this.#workspace) : null;
    if (found !== null) return found;
    const begun = beginScene(picture, this.#workspace);
    this.#sources.set(source, begun.scene);
    return begun.found;
  }
}

function detectSubject(picture: Picture, workspace: Workspace): Judged[] {
  const { mask, strength, least } = subjectMask(picture, workspace);
  const labelled = findBlobs(mask, strength, picture, 8, workspace);
  const objects = joinFragments(labelled.blobs, []).map((blob) => judge(blob, blob.box, labelled, picture, least, 1));
  return keepLikely(objects, picture, { most: 10, mostArea: 0.75, leastFit: -9 });
}

function toDetection({ box, label, confidence }: Judged, { sent, w, h }: Picture): Detection {
  const sx = sent.width / w;
  const sy = sent.height / h;
  const x = clamp(box.x0 * sx, sent.width);
  const y = clamp(box.y0 * sy, sent.height);
  return {
    class: label,
    confidence: Math.round(confidence * 1000) / 1000,
    bbox: {
      x,
      y,
      width: round(clamp(box.x1 * sx, sent.width) - x),
      height: round(clamp(box.y1 * sy, sent.height) - y),
    },
  };
}

const round = (value: number): number => Math.round(value * 10) / 10;
const clamp = (value: number, most: number): number => round(Math.min(most, Math.max(0, value)));
