import { createCounter, createGauge, createHistogram, type Registry } from '#shared/observability/metrics.ts';

export type StreamMetrics = ReturnType<typeof createStreamMetrics>;

export function createStreamMetrics(registry: Registry) {
  return {
    activeStreams: createGauge(registry, 'xg2g_stream_active_count', 'Streams that run, by profile', ['profile']),
    viewers: createGauge(registry, 'xg2g_stream_viewers', 'Viewers connected, by profile', ['profile']),
    upstreamsOpened: createCounter(registry, 'xg2g_upstream_connections_total', 'Connections opened to the receiver'),
    interruptions: createCounter(
      registry,
      'xg2g_source_interruptions_total',
      'Times that a running source stopped and had to be brought back, by cause',
      ['code'],
    ),
    turnedScrambled: createCounter(
      registry,
      'xg2g_source_scrambled_total',
      'Times that a channel turned scrambled while it was watched',
    ),
    zapPhase: createHistogram(
      registry,
      'xg2g_zap_phase_seconds',
      'What opening a channel for a viewer takes, by phase; each from the end of the one before it',
      [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10],
      ['phase'],
    ),
    opens: createCounter(registry, 'xg2g_stream_opens_total', 'Viewers that asked for a stream, by outcome', [
      'outcome',
    ]),
    firstByte: createHistogram(
      registry,
      'xg2g_stream_first_byte_seconds',
      'From the request to the first byte of the stream',
      [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10],
      ['profile'],
    ),
    skips: createCounter(
      registry,
      'xg2g_stream_skips_total',
      'Times that a viewer too slow was moved on in its stream',
    ),
    skippedBytes: createCounter(registry, 'xg2g_stream_skipped_bytes_total', 'Bytes that viewers were too slow for'),
    viewerEnds: createCounter(
      registry,
      'xg2g_stream_viewer_ends_total',
      'Viewers that are gone: client (hung up), stalled (took nothing and was dropped), stream (its stream ended)',
      ['reason'],
    ),
    bytes: createCounter(registry, 'xg2g_stream_bytes_total', 'Bytes sent to viewers', ['profile']),
    busyCards: createGauge(registry, 'xg2g_busy_cards', 'Cards that are shown to viewers without a tuner'),
    busyCardMake: createHistogram(
      registry,
      'xg2g_busy_card_make_seconds',
      'From asking the transcoder for a card to having it',
      [0.02, 0.05, 0.1, 0.2, 0.5, 1, 2],
    ),
    busyCardViews: createCounter(
      registry,
      'xg2g_busy_card_views_total',
      'Viewers that were shown a card, by how it ended: channel (a tuner came free), other-form (the same, player sent to begin anew), left, expired, failed',
      ['end'],
    ),
    pretuned: createGauge(registry, 'xg2g_pretuned_channels', 'Neighbours of watched channels that are kept ready'),
    pretunes: createCounter(
      registry,
      'xg2g_pretunes_total',
      'Channels kept ready: opened, failed; and once they went, used (somebody zapped to them) or unused',
      ['outcome'],
    ),
    transcoderResume: createHistogram(
      registry,
      'xg2g_transcoder_resume_seconds',
      'From losing the transcoder to the next AAC packet of a stream',
      [0.1, 0.2, 0.5, 1, 2, 5, 10, 30],
    ),
  };
}
