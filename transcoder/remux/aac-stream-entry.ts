import { audioTypeOf, EXTENSION_SUPPLEMENTARY_AUDIO } from '#shared/mpegts/audio-role.ts';
import {
  DESCRIPTOR_EXTENSION,
  DESCRIPTOR_ISO_639_LANGUAGE,
  DESCRIPTOR_STREAM_IDENTIFIER,
  type Descriptor,
  languageDescriptor,
} from '#shared/mpegts/descriptors.ts';
import type { PmtStream } from '#shared/mpegts/pmt.ts';
import { STREAM_AAC_ADTS } from '#shared/mpegts/stream-type.ts';
import type { Pid } from '#shared/mpegts/types.ts';
import type { TrackPlan } from './track-plan.ts';

/** The PMT entry of a track that is now AAC in ADTS: same PID, what is known of it but the old codec. */
export function replacedStream(plan: TrackPlan): PmtStream {
  return { streamType: STREAM_AAC_ADTS, pid: plan.stream.pid, descriptors: descriptorsFor(plan, true) };
}

/** The entry of an AAC track beside the one it is made from: component_tag names one stream only, and stays with that. */
export function addedStream(plan: TrackPlan, pid: Pid): PmtStream {
  return { streamType: STREAM_AAC_ADTS, pid, descriptors: descriptorsFor(plan, false) };
}

/**
 * Descriptors that stay true when the codec behind them changes; all others describe the codec that is gone. What only
 * those said (whom the track is for) is said by audio_type.
 */
function descriptorsFor({ stream, language, role }: TrackPlan, withTag: boolean): Descriptor[] {
  const descriptors: Descriptor[] = [];
  for (const descriptor of stream.descriptors) {
    const { tag, payload } = descriptor;
    if (tag === DESCRIPTOR_ISO_639_LANGUAGE && language !== null) {
      descriptors.push(languageDescriptor(language, audioTypeOf(role ?? 'main')));
    } else if (tag === DESCRIPTOR_STREAM_IDENTIFIER && withTag) descriptors.push(descriptor);
    else if (tag === DESCRIPTOR_EXTENSION && payload[0] === EXTENSION_SUPPLEMENTARY_AUDIO) descriptors.push(descriptor);
  }
  return descriptors;
}
