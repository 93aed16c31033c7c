import type { AudioTrack, Track, VideoTrack } from '../demux/track.ts';
import type { HtsMap } from '../wire/message.ts';

/** Where the stream comes from, for people. */
export interface SourceInfo {
  readonly adapter: string | null;
  readonly mux: string | null;
  readonly network: string | null;
  readonly provider: string | null;
  readonly service: string;
  readonly satellitePosition: string | null;
}

/** The fields of `subscriptionStart`. */
export function startFields(tracks: readonly Track[], source: SourceInfo): HtsMap {
  return { streams: tracks.map(streamFields), sourceinfo: sourceFields(source) };
}

function streamFields(track: Track): HtsMap {
  const common = { index: track.index, type: track.type, language: track.language ?? undefined };
  switch (track.kind) {
    case 'video':
      return { ...common, ...videoFields(track) };
    case 'audio':
      return { ...common, ...audioFields(track) };
    case 'subtitles':
      return { ...common, composition_id: track.compositionId, ancillary_id: track.ancillaryId };
    case 'teletext':
      return common;
  }
}

function videoFields({ format }: VideoTrack): HtsMap {
  if (format === null) return {};
  return {
    width: format.width,
    height: format.height,
    duration: format.frameTicks === null ? undefined : Math.round((format.frameTicks * 100) / 9), // microseconds
    aspect_num: format.aspect?.width,
    aspect_den: format.aspect?.height,
  };
}

function audioFields({ sound, audioType }: AudioTrack): HtsMap {
  return {
    audio_type: audioType,
    channels: sound?.channels,
    // In hertz, as Kodi reads it.
    rate: sound?.sampleRate,
  };
}

function sourceFields(source: SourceInfo): HtsMap {
  return {
    adapter: source.adapter ?? undefined,
    mux: source.mux ?? undefined,
    network: source.network ?? undefined,
    provider: source.provider ?? undefined,
    service: source.service,
    satpos: source.satellitePosition ?? undefined,
  };
}
