export type ReadinessStatus = "ready" | "degraded" | "not_ready";

/** Why a service is not simply ready. */
export interface ReadinessReason {
  code: string;
  /** A sentence for people, without secrets. */
  message: string;
  /** Since when, epoch ms. */
  since_ms: number;
}

/** How one service is. `degraded`: it works, with less than it should have. */
export interface ServiceReadiness {
  service: string;
  status: ReadinessStatus;
  reasons: readonly ReadinessReason[];
}

/** How one service of one process is. */
export interface InstanceReadiness extends ServiceReadiness {
  /** Names the run of the process. */
  instance: string;
}

/** What `/readyz` answers, on the health listener and on the gateway's public port. */
export interface ReadinessAnswer {
  /** 503 when any service is not ready, or when there is none yet; else 200. */
  http_status: 200 | 503;
  body: { status: ReadinessStatus; services: readonly ServiceReadiness[] };
}

/** The worst service decides. */
export function readinessAnswer(services: readonly ServiceReadiness[]): ReadinessAnswer {
  const has = (status: ReadinessStatus) => services.some((service) => service.status === status);
  const none = services.length === 0;
  const status = none || has("not_ready") ? "not_ready" : has("degraded") ? "degraded" : "ready";
  return { http_status: status === "not_ready" ? 503 : 200, body: { status, services } };
}
