import { fraction, hash32 } from "../random.ts";
import type { Picture } from "./picture.ts";

const noiseLength = 1 << 17;

/** What the camera's chip makes of the light. */
export interface Sensor {
  /** Standard deviation of the noise, in steps of 256. */
  noise_sigma: number;
  /** How bright the whole picture is at a time, about 1. Default: always 1. */
  gain?: (at_ms: number) => number;
  /** Light that reaches a pixel, 0..1: lamps at night. Default: 1 everywhere. */
  light?: (x: number, y: number) => number;
  /** Infrared: grey. Default false. */
  grey?: boolean;
}

/** Changes a picture in place as the chip would at a time; the noise depends on the time only. */
export type Expose = (picture: Picture, at_ms: number) => void;

/** Prepares tables once, so that a frame costs one pass over its bytes. */
export function makeSensor(sensor: Sensor, { width, height }: { width: number; height: number }, seed: number): Expose {
  const noise = noiseTable(sensor.noise_sigma, seed);
  const light = sensor.light && lightTable(sensor.light, width, height);
  return (picture, at_ms) => {
    if (sensor.grey) turnGrey(picture);
    if (light) dim(picture, light);
    const gain = sensor.gain?.(at_ms) ?? 1;
    const bright = Float32Array.from({ length: 256 }, (_, value) => value * gain);
    for (let y = 0; y < height; y++) addNoise(picture, y, bright, noise, hash32(seed, Math.round(at_ms), y));
  };
}

function addNoise({ width, rgb }: Picture, y: number, bright: Float32Array, noise: Int8Array, start: number): void {
  let i = y * width * 3;
  for (let x = 0; x < width; x++, i += 3) {
    const n = noise[(start + x) & (noiseLength - 1)]!;
    rgb[i] = bright[rgb[i]!]! + n;
    rgb[i + 1] = bright[rgb[i + 1]!]! + n;
    rgb[i + 2] = bright[rgb[i + 2]!]! + n;
  }
}

/** Four uniform numbers make a good enough bell; their sum has the variance 4/12. */
function noiseTable(sigma: number, seed: number): Int8Array {
  return Int8Array.from({ length: noiseLength }, (_, i) => {
    const sum = fraction(seed, i, 1) + fraction(seed, i, 2) + fraction(seed, i, 3) + fraction(seed, i, 4);
    return Math.round(((sum - 2) / Math.sqrt(4 / 12)) * sigma);
  });
}

function lightTable(light: (x: number, y: number) => number, width: number, height: number): Float32Array {
  return Float32Array.from({ length: width * height }, (_, i) => light(i % width, Math.floor(i / width)));
}

function dim({ rgb }: Picture, light: Float32Array): void {
  for (let p = 0, i = 0; p < light.length; p++, i += 3) {
    const l = light[p]!;
    rgb[i] = rgb[i]! * l;
    rgb[i + 1] = rgb[i + 1]! * l;
    rgb[i + 2] = rgb[i + 2]! * l;
  }
}

/** Rec. 601 luma. */
function turnGrey({ rgb }: Picture): void {
  for (let i = 0; i < rgb.length; i += 3) {
    const luma = 0.299 * rgb[i]! + 0.587 * rgb[i + 1]! + 0.114 * rgb[i + 2]!;
    rgb[i] = rgb[i + 1] = rgb[i + 2] = luma;
  }
}
