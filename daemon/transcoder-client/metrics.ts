import type { TranscoderStats } from '#shared/ipc/control.ts';
import { createGauge, type Registry } from '#shared/observability/metrics.ts';
import type { Transcoder } from './transcoder.ts';

/** How long a scrape may wait for the transcoder; without its answer the last one stands. */
const SCRAPE_MS = 500;
/** Gauges of one scrape share one answer. */
const FRESH_MS = 200;

/** The transcoder's own figures, asked for at every scrape: it has no network of its own to be scraped over. */
export function registerTranscoderMetrics(registry: Registry, transcoder: Transcoder): void {
  let last: TranscoderStats | null = null;
  let asked: { readonly atMs: number; readonly answer: Promise<TranscoderStats | null> } | null = null;
  const stats = (): Promise<TranscoderStats | null> => {
    const now = performance.now();
    if (asked !== null && now - asked.atMs < FRESH_MS) return asked.answer;
    const answer = transcoder.stats({ timeoutMs: SCRAPE_MS }).then(
      (fresh) => {
        last = fresh;
        return fresh;
      },
      () => last, // the transcoder is away, which xg2g_transcoder_connected says
    );
    asked = { atMs: now, answer };
    return answer;
  };
  const single = (name: string, help: string, read: (stats: TranscoderStats) => number): void => {
    createGauge(registry, name, help, [], async (gauge) => {
      const current = await stats();
      if (current !== null) gauge.set(read(current));
    });
  };
  createGauge(registry, 'xg2g_transcoder_connected', 'Whether the transcoder is connected', [], (gauge) =>
    gauge.set(transcoder.state.name === 'ready' ? 1 : 0),
  );
  createGauge(registry, 'xg2g_transcoder_lost_total', 'Times the transcoder was lost', [], (gauge) =>
    gauge.set(transcoder.reconnects),
  );
  single('xg2g_transcoder_active_streams', 'Sessions in the transcoder', (s) => s.sessions.length);
  single('xg2g_transcoder_bytes_processed_total', 'Bytes the transcoder took in', (s) => s.bytesProcessed);
  single('xg2g_transcoder_cpu_seconds_total', 'CPU time of the transcoder', (s) => s.cpuSeconds);
  single('xg2g_transcoder_resident_memory_bytes', 'Resident memory of the transcoder', (s) => s.memoryBytes);
  single(
    'xg2g_transcoder_event_loop_delay_seconds',
    'Event loop delay, 99th percentile',
    (s) => s.eventLoopDelayMs / 1000,
  );
  const remuxHelp = 'Time spent on the packets of running sessions';
  createGauge(registry, 'xg2g_transcoder_audio_remux_duration_seconds', remuxHelp, ['session'], async (gauge) => {
    const current = await stats();
    gauge.reset();
    for (const session of current?.sessions ?? []) gauge.set({ session: session.id }, session.busySeconds);
  });
  const faultHelp = 'Faults in the streams of running sessions';
  createGauge(registry, 'xg2g_ts_errors_total', faultHelp, ['session', 'kind'], async (gauge) => {
    const current = await stats();
    gauge.reset();
    for (const session of current?.sessions ?? []) {
      for (const [kind, count] of Object.entries(session.errors)) gauge.set({ session: session.id, kind }, count);
    }
  });
}
