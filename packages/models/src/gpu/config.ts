import type { SecretRef } from "../calling/secret.ts";

/** From the most to the least urgent: a priority's number is its place here. */
export const GPU_PRIORITIES = ["critical", "high", "normal", "low"] as const;
export type GpuPriority = (typeof GPU_PRIORITIES)[number];

interface AtServer {
  url: string;
  /** The model's name at the server; its name on the card unless said. */
  model?: string;
  api_key?: SecretRef;
  /** How long one load or unload may take until the server confirms it. */
  timeout_ms?: number;
}

/** Triton's model repository, in explicit model control mode. */
export interface TritonLoading extends AtServer {
  kind: "triton";
}

/** Ollama's `keep_alive`. */
export interface OllamaLoading extends AtServer {
  kind: "ollama";
}

/** Anything else: two addresses that answer 2xx when it is done. */
export interface WebhookLoading {
  kind: "webhook";
  load_url: string;
  unload_url: string;
  api_key?: SecretRef;
  timeout_ms?: number;
}

/** The server has it loaded all the time. */
export interface NoLoading {
  kind: "none";
}

/** How a server is told to load and unload a model. */
export type LoadingConfig = TritonLoading | OllamaLoading | WebhookLoading | NoLoading;

/** A model that may be on a card. */
export interface GpuModelConfig {
  /** What `gpu` of a ranked list's entry says. */
  name: string;
  /** All that it takes on the card, with its working memory. */
  vram_mb: number;
  priority: GpuPriority;
  /** Loaded from the start, and never unloaded to make room. */
  resident: boolean;
  /** Of the models of one group, one at a time is used. */
  exclusive_group?: string;
  /** Unloaded when nobody used it for this long. */
  idle_unload_s: number;
  load: LoadingConfig;
}

/** One graphics card. */
export interface CardConfig {
  id: string;
  vram_mb: number;
  /** What the driver and others take. */
  reserved_mb: number;
  models: readonly GpuModelConfig[];
}

/** The section `gpu` of the configuration. */
export interface GpuConfig {
  cards: readonly CardConfig[];
}

/** What models may take on a card altogether. */
export const budgetMb = ({ vram_mb, reserved_mb }: Pick<CardConfig, "vram_mb" | "reserved_mb">): number =>
  vram_mb - reserved_mb;

/** Whether a model's room is kept for it all the time: it is resident, or its server never lets go of it. */
export const isFixed = ({ resident, load }: Pick<GpuModelConfig, "resident" | "load">): boolean =>
  resident || load.kind === "none";

/** 0 critical … 3 low. */
export const priorityNumber = (priority: GpuPriority): 0 | 1 | 2 | 3 =>
  GPU_PRIORITIES.indexOf(priority) as 0 | 1 | 2 | 3;
