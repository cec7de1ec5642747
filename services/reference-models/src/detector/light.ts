import type { Planes } from "./difference.ts";

/** How the light changed: new luma = gain * old luma + offset, plus a shift of both colour differences. */
export interface LightChange {
  gain: number;
  offset: number;
  u: number;
  v: number;
}

/**
 * Estimates the change of light between two pictures of one scene. Pixels that fit worst (things that moved) count least:
 * three rounds of least squares weighted by Tukey's biweight, on every 17th pixel.
 */
export function estimateLight(now: Planes, before: Planes): LightChange {
  let change: LightChange = {
    gain: 1,
    offset: middle(now.y, before.y),
    u: middle(now.u, before.u),
    v: middle(now.v, before.v),
  };
  for (const scale of [24, 14, 10]) change = refit(now, before, change, scale);
  return change;
}

/** Applies the change to the remembered picture, in place; a change too small to see is left out. */
export function applyLight(planes: Planes, change: LightChange): void {
  const { gain, offset, u, v } = change;
  if (Math.abs(gain - 1) < 0.004 && Math.abs(offset) < 0.3 && Math.abs(u) < 0.3 && Math.abs(v) < 0.3) return;
  for (let i = 0; i < planes.y.length; i++) {
    planes.y[i] = Math.min(255, Math.max(0, planes.y[i]! * gain + offset));
    planes.u[i] = planes.u[i]! + u;
    planes.v[i] = planes.v[i]! + v;
  }
}

const sampleStep = 17;

function middle(now: Float32Array, before: Float32Array): number {
  const deltas = new Float32Array(Math.ceil(now.length / (3 * sampleStep)));
  for (let i = 0, n = 0; i < now.length; i += 3 * sampleStep, n++) deltas[n] = now[i]! - before[i]!;
  deltas.sort();
  return deltas[deltas.length >> 1] ?? 0;
}

function refit(now: Planes, before: Planes, from: LightChange, scale: number): LightChange {
  let n = 1e-9;
  let sx = 0;
  let sy = 0;
  let sxx = 0;
  let sxy = 0;
  let su = 0;
  let sv = 0;
  for (let i = 0; i < now.y.length; i += sampleStep) {
    const old = before.y[i]!;
    if (old < 4 || old > 251) continue;
    const du = now.u[i]! - before.u[i]!;
    const dv = now.v[i]! - before.v[i]!;
    const dy = now.y[i]! - from.gain * old - from.offset;
    const rest = Math.sqrt(dy * dy + (du - from.u) * (du - from.u) + (dv - from.v) * (dv - from.v)) / scale;
    if (rest >= 1) continue;
    const weight = (1 - rest * rest) ** 2;
    n += weight;
    sx += weight * old;
    sy += weight * now.y[i]!;
    sxx += weight * old * old;
    sxy += weight * old * now.y[i]!;
    su += weight * du;
    sv += weight * dv;
  }
  const spread = sxx / n - (sx / n) ** 2;
  const slope = spread < 30 ? 1 : (sxy / n - (sx / n) * (sy / n)) / spread;
  const gain = Math.min(1.6, Math.max(0.6, slope));
  return { gain, offset: sy / n - gain * (sx / n), u: su / n, v: sv / n };
}
