export type {
  Bus,
  ConsumerState,
  FollowFrom,
  FollowOptions,
  LiveMessage,
  PublishAck,
  PublishOptions,
  StoredMessage,
  StreamState,
} from "./bus/bus.ts";
export type { ConnectionOptions } from "./bus/connection.ts";
export { streamOf } from "./bus/event-publisher.ts";
export { createLeaseStore, type LeaseEntry, type LeaseStore } from "./bus/lease-store.ts";
export { type NatsBus, openBus } from "./bus/nats-bus.ts";
export type { ConfigCheck, ConfigOf, ConfigSections, Fault } from "./config/configuration.ts";
export { jsonSchema } from "./config/json-schema.ts";
export { type ConfigSource, loadConfig } from "./config/load-config.ts";
export { missingSecrets } from "./config/missing-secrets.ts";
export { printConfig } from "./config/print-config.ts";
export { Secret, type SecretRef } from "./config/secret.ts";
export { sectionChecks } from "./config/section-checks.ts";
export { type SharedConfig, sections } from "./config/sections.ts";
export type { DueClaim, DueRow, DueStore } from "./due-store.ts";
export {
  BusUnavailableError,
  ConfigError,
  DestructiveChangeError,
  FencedError,
  HandlingTimeoutError,
  NoStreamError,
  PayloadTooLargeError,
  StreamFullError,
  StreamResetError,
} from "./errors.ts";
export { houseTimezone, type Occurrences, readCron } from "./firing/occurrences.ts";
export { parseWhen } from "./firing/parse-when.ts";
export { fillPlaceholders } from "./firing/placeholders.ts";
export { type When, whenHolds } from "./firing/when.ts";
export {
  type InstanceReadiness,
  type ReadinessAnswer,
  type ReadinessReason,
  type ReadinessStatus,
  readinessAnswer,
  type ServiceReadiness,
} from "./health/readiness.ts";
export type { Log } from "./log.ts";
export { type Catalogue, type ListedPipeline, openCatalogue } from "./pipelines/catalogue.ts";
export { DOCUMENT_ENDINGS, documentType } from "./pipelines/document-type.ts";
export {
  type CatalogueEntry,
  type EngineName,
  LOCAL_PIPELINES,
  type PipelineSettings,
} from "./pipelines/find-pipeline.ts";
export { MOST_PARAMETER_BYTES } from "./pipelines/plain-fault.ts";
export { publishInOrder, type Unpublished } from "./publish-in-order.ts";
export { backingFrom, runMain } from "./run-main.ts";
export { type MeshOptions, type RunningMesh, runServices } from "./run-services.ts";
export {
  type AnyService,
  type Backing,
  type Config,
  type Delivery,
  type Dependency,
  type Door,
  type DoorLetter,
  type DueContext,
  type DueHandler,
  type DueOptions,
  type DueWorker,
  defineService,
  type HandlerContext,
  type Host,
  type Input,
  input,
  type MessageContext,
  type OpenDoor,
  type Publish,
  type PublishEventOptions,
  type Sections,
  type Service,
  type Started,
} from "./service.ts";
export { type AppliedChange, applyStreams } from "./streams-admin/apply-streams.ts";
export { planStreams, type StreamChange } from "./streams-admin/plan-streams.ts";
export { type BatchMetrics, batchMetrics } from "./telemetry/batch-metrics.ts";
export { createLog, type LogOptions, type OpenLog } from "./telemetry/create-log.ts";
export { gpuMetrics, type MeasuredCard } from "./telemetry/gpu-metrics.ts";
export { startTelemetry, type Telemetry } from "./telemetry/telemetry.ts";
export { ack, removed, retry, type Verdict } from "./verdict.ts";
export { DUE_LEASE_MS } from "./work/due-loop.ts";
export { type HeldLease, renewUntilLost } from "./work/renew-until-lost.ts";
