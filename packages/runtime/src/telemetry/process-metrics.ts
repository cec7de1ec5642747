import { monitorEventLoopDelay } from "node:perf_hooks";
import type { MetricsRegistry } from "./metrics.ts";

/** Memory, processor time and how late the event loop runs (p99 and longest since last shown). Returns what ends it. */
export function measureProcess(metrics: MetricsRegistry): () => void {
  const gauge = (name: string, unit: string, description: string) =>
    metrics.gauge({ name, unit, description, labels: [] }).bind({});
  const rss = gauge("process_resident_memory_bytes", "By", "Resident memory of the process");
  const heap = gauge("nodejs_heap_size_used_bytes", "By", "JavaScript heap in use");
  const lag = gauge("nodejs_eventloop_lag_p99_seconds", "s", "How late timers ran since last asked, p99");
  const worst = gauge("nodejs_eventloop_lag_max_seconds", "s", "How late timers ran since last asked, the longest");
  const started = gauge("process_start_time_seconds", "s", "Start of the process since the epoch");
  const cpu = metrics
    .counter({ name: "process_cpu_seconds_total", unit: "s", description: "Processor time of the process", labels: [] })
    .bind({});
  let cpu_s = 0;
  started.set(Date.now() / 1000 - process.uptime());

  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delay.enable();
  const end = metrics.beforeShown(() => {
    const { rss: resident, heapUsed } = process.memoryUsage();
    const { user, system } = process.cpuUsage();
    rss.set(resident);
    heap.set(heapUsed);
    cpu.add((user + system) / 1e6 - cpu_s);
    cpu_s = (user + system) / 1e6;
    lag.set(lateness(delay.percentile(99)));
    worst.set(lateness(delay.max));
    delay.reset();
  });
  return () => {
    end();
    delay.disable();
  };
}

const RESOLUTION_MS = 50;

/** The timer's own interval is part of what is measured. */
const lateness = (measured_ns: number): number => Math.max(0, measured_ns / 1e9 - RESOLUTION_MS / 1000);
