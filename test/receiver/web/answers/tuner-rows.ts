/** How OpenWebif tells what the tuners do and who streams. */
import type { Box } from '../../box/box.ts';
import type { TunerUse, UseKind } from '../../box/tuners.ts';
import { nowAndNext } from '../../epg/schedule.ts';
import { NAMESPACE_19E2 } from '../../lineup/service-ref.ts';
import type { DemoService } from '../../lineup/services.ts';

const TUNER_TYPE = 'Vuplus DVB-S NIM(7376 FBC) (DVB-S2)';

const orbit = (service: DemoService): string =>
  service.transponder.namespace === NAMESPACE_19E2 ? '19.2\u00b0 E' : '13.0\u00b0 E';

/** "orbital position / services" of the uses of a kind; '' without one. */
function used(uses: readonly TunerUse[], kind: UseKind): string {
  const names = uses.filter((one) => one.kind === kind).map((one) => one.service.name);
  const [first] = uses;
  return names.length === 0 || first === undefined ? '' : `${orbit(first.service)} / ${names.join(', ')}`;
}

export function tunerRows(box: Box): object[] {
  return box.tuners.uses.map((uses, index) => ({
    ...tunerName(index),
    rec: used(uses, 'rec'),
    live: used(uses, 'live'),
    stream: used(uses, 'stream'),
  }));
}

/**
 * OpenWebif 1.x knows no streams of tuners: their use is told as a recording, with the reader's service when there is
 * but one in all, and with no name otherwise.
 */
export function oldTunerRows(box: Box): object[] {
  const [only, ...others] = box.streams;
  const name = only === undefined || others.length > 0 ? '' : `${only.service.name} (${only.ip})`;
  return box.tuners.uses.map((uses, index) => {
    const [first] = uses;
    const streams = first !== undefined && uses.some((use) => use.kind === 'stream');
    const rec = used(uses, 'rec') || (streams ? `${orbit(first.service)} / ${name}` : '');
    return { ...tunerName(index), rec, live: used(uses, 'live') };
  });
}

export const tunerName = (index: number): { readonly name: string; readonly type: string } => ({
  name: `Tuner ${String.fromCharCode(65 + index)}`,
  type: TUNER_TYPE,
});

/** A reader of the stream server, as the box tells of it. Null when there is none, as some images have it. */
export function streamRows(box: Box, old: boolean): object[] | null {
  if (box.streams.size === 0) return null;
  return [...box.streams].map(({ service, ip }) => ({
    ref: service.ref,
    name: service.name,
    eventname: nowAndNext(service).now?.title ?? '',
    ip,
    type: 'S',
    ...(old
      ? {}
      : {
          tuner_number: box.tuners.uses.findIndex((uses) => uses.some((use) => use.service === service)),
          transponder: service.transponder.name,
        }),
  }));
}
