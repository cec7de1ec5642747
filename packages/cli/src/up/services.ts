import { service as chatHandler } from "@gatehouse/chat-handler";
import { service as detectionIngest } from "@gatehouse/detection-ingest";
import { service as enrichment } from "@gatehouse/enrichment";
import { service as gateway } from "@gatehouse/gateway";
import { service as pipelineBridge } from "@gatehouse/pipeline-bridge";
import type { AnyService } from "@gatehouse/runtime";

/** Every service that takes part in the mesh, in the order in which people read them. */
export const services: readonly AnyService[] = [detectionIngest, enrichment, chatHandler, pipelineBridge, gateway];
