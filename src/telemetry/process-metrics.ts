/**
 * The metrics of a process that prom-client has, but for one: it samples the event loop's delay every ten milliseconds,
 * be there anything to do or not. Here that is measured by a scrape, and nothing happens between two of them.
 */
import { Counter, Gauge, type Registry } from "prom-client";
import gc from "prom-client/lib/metrics/gc.js";
import heapSizeAndUsed from "prom-client/lib/metrics/heapSizeAndUsed.js";
import heapSpacesSizeAndUsed from "prom-client/lib/metrics/heapSpacesSizeAndUsed.js";
import osMemoryHeap from "prom-client/lib/metrics/osMemoryHeap.js";
import processCpuTotal from "prom-client/lib/metrics/processCpuTotal.js";
import processHandles from "prom-client/lib/metrics/processHandles.js";
import processMaxFileDescriptors from "prom-client/lib/metrics/processMaxFileDescriptors.js";
import processOpenFileDescriptors from "prom-client/lib/metrics/processOpenFileDescriptors.js";
import processRequests from "prom-client/lib/metrics/processRequests.js";
import processResources from "prom-client/lib/metrics/processResources.js";
import processStartTime from "prom-client/lib/metrics/processStartTime.js";
import version from "prom-client/lib/metrics/version.js";

const PROM_CLIENTS_OWN = [
  gc,
  heapSizeAndUsed,
  heapSpacesSizeAndUsed,
  osMemoryHeap,
  processCpuTotal,
  processHandles,
  processMaxFileDescriptors,
  processOpenFileDescriptors,
  processRequests,
  processResources,
  processStartTime,
  version,
];

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const eventLoopMetrics = (registry: Registry): void => {
  const registers = [registry];
  new Gauge({
    name: "nodejs_eventloop_lag_seconds",
    help: "How long this scrape waited for its turn in the event loop.",
    registers,
    async collect() {
      const startMs = performance.now();
      await nextTurn();
      this.set((performance.now() - startMs) / 1000);
    },
  });
  new Counter({
    name: "nodejs_eventloop_active_seconds_total",
    help: "Time that the event loop was busy; its rate is the share of one core that it could not give to anything else.",
    registers,
    collect() {
      this.reset();
      this.inc(performance.eventLoopUtilization().active / 1000);
    },
  });
};

/** Adds them to `registry`. */
export const addProcessMetrics = (registry: Registry): void => {
  for (const add of PROM_CLIENTS_OWN) add(registry);
  eventLoopMetrics(registry);
};
