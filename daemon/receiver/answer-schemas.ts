import { z } from 'zod';
import { decodeEntities } from './clean-text.ts';
import {
  looseBlock,
  looseBoolean,
  looseInteger,
  looseLine,
  looseList,
  looseMeasure,
  looseName,
} from './loose-values.ts';
import type { About, Bouquet, BoxStream, BoxTimer, EpgEvent, Reception, ServiceEntry, StatusInfo } from './model.ts';

/** JSON answers of OpenWebif to our model. The XML answers are brought to the same shapes first (`xml-answers.ts`). */

const reference = z
  .string()
  .transform((text) => decodeEntities(text).trim())
  .refine((text) => text !== '');

const tuner = z
  .object({ name: looseLine, type: looseLine, live: looseLine, rec: looseLine, stream: looseLine })
  .transform((row) => ({
    name: row.name,
    type: row.type,
    live: row.live,
    recording: row.rec,
    stream: row.stream,
  }));

const stream = z.object({ ref: reference, name: looseLine, ip: looseLine }).transform((row): BoxStream => row);

const MAC = /^[0-9a-f]{2}(?::[0-9a-f]{2}){5}$/;

const networkInterface = z
  .object({ mac: looseLine })
  .transform((row) => row.mac.toLowerCase().replaceAll('-', ':'))
  .refine((mac) => MAC.test(mac) && mac !== '00:00:00:00:00:00');

export const aboutSchema = z
  .object({
    info: z.object({
      brand: looseName,
      model: looseName,
      boxtype: looseName,
      friendlyimagedistro: looseName,
      imagedistro: looseName,
      imagever: looseName,
      enigmaver: looseName,
      webifver: looseName,
      tuners: looseList(tuner).optional(),
      streams: looseList(stream).optional(),
      ifaces: looseList(networkInterface).optional(),
    }),
  })
  .transform(
    ({ info }): About => ({
      brand: info.brand,
      model: info.model,
      boxType: info.boxtype,
      imageDistro: info.friendlyimagedistro ?? info.imagedistro,
      imageVersion: info.imagever,
      enigmaVersion: info.enigmaver,
      webifVersion: info.webifver,
      tuners: info.tuners ?? [],
      streams: info.streams ?? [],
      macs: info.ifaces ?? [],
    }),
  );

export const statusInfoSchema = z
  .object({
    inStandby: looseBoolean,
    isRecording: looseBoolean,
    isStreaming: looseBoolean,
    currservice_serviceref: looseLine,
    currservice_station: looseLine,
  })
  .transform(
    (status): StatusInfo => ({
      standby: status.inStandby,
      recording: status.isRecording,
      streaming: status.isStreaming,
      currentService:
        status.currservice_serviceref === ''
          ? null
          : { ref: status.currservice_serviceref, name: status.currservice_station },
    }),
  );

const percent = looseMeasure.transform((value) => (value === null ? null : Math.min(100, Math.max(0, value))));

export const receptionSchema = z
  .object({
    snr: percent,
    snr_db: looseMeasure,
    agc: percent,
    ber: looseInteger,
    lock: looseBoolean.optional(),
  })
  .transform(
    (row): Reception => ({
      snr: row.snr,
      snrDb: row.snr_db,
      agc: row.agc,
      bitErrors: row.ber,
      lock: row.lock ?? null,
    }),
  );

/** `[reference, name]`; rows of another length are something else. */
const bouquet = z
  .array(z.unknown())
  .length(2)
  .pipe(z.tuple([reference, looseLine]))
  .transform(([ref, name]): Bouquet => ({ ref, name }));

export const bouquetsSchema = z
  .object({ bouquets: looseList(bouquet) })
  .transform((answer): Bouquet[] => answer.bouquets);

const service = z
  .object({ servicereference: reference, servicename: looseLine, provider: looseName })
  .transform((row): ServiceEntry => ({ ref: row.servicereference, name: row.servicename, provider: row.provider }));

export const servicesSchema = z
  .object({ services: looseList(service) })
  .transform((answer): ServiceEntry[] => answer.services);

/** What a programme lasts when the box does not say. */
const UNKNOWN_DURATION_SECONDS = 30 * 60;

const event = z
  .object({
    id: looseInteger,
    sref: looseLine,
    title: looseLine,
    shortdesc: looseBlock,
    longdesc: looseBlock,
    description: looseBlock,
    descriptionextended: looseBlock,
    begin_timestamp: looseInteger,
    duration_sec: looseInteger,
    genreid: looseInteger,
  })
  .refine((row) => row.title !== '' && (row.begin_timestamp ?? 0) > 0)
  .transform((row): EpgEvent => {
    const duration = row.duration_sec ?? 0;
    const genreId = row.genreid ?? 0;
    return {
      id: row.id ?? 0,
      ref: row.sref,
      title: row.title,
      shortDescription: row.shortdesc === '' ? row.description : row.shortdesc,
      longDescription: row.longdesc === '' ? row.descriptionextended : row.longdesc,
      startSeconds: row.begin_timestamp ?? 0,
      durationSeconds: duration > 0 ? duration : UNKNOWN_DURATION_SECONDS,
      genreId: genreId > 0 && genreId <= 0xff ? genreId : 0,
    };
  });

export const eventsSchema = z.object({ events: looseList(event) }).transform((answer): EpgEvent[] => answer.events);

/** How long before its beginning a box takes the tuner, where it does not say: Enigma2's own value. */
const PREPARE_SECONDS = 20;
const AFTER_EVENT_AUTO = 3;
const TIMER_STATES = ['waiting', 'prepared', 'running', 'ended'] as const;

const timer = z
  .object({
    serviceref: reference,
    servicename: looseLine,
    name: looseLine,
    begin: looseInteger,
    end: looseInteger,
    startprepare: looseInteger,
    disabled: looseBoolean,
    justplay: looseBoolean,
    state: looseInteger,
    description: looseBlock,
    eit: looseInteger,
    repeated: looseInteger,
    afterevent: looseInteger,
    dirname: looseLine,
    tags: looseLine,
    always_zap: looseBoolean,
    filename: looseLine,
  })
  .transform(
    (row): BoxTimer => ({
      ref: row.serviceref,
      serviceName: row.servicename,
      name: row.name,
      beginSeconds: row.begin ?? 0,
      endSeconds: row.end ?? 0,
      prepareSeconds: row.startprepare ?? (row.begin ?? 0) - PREPARE_SECONDS,
      disabled: row.disabled,
      zapOnly: row.justplay,
      state: TIMER_STATES[row.state ?? -1] ?? null,
      description: row.description,
      eventId: (row.eit ?? 0) > 0 ? row.eit : null,
      repeatedDays: (row.repeated ?? 0) & 0x7f,
      afterEvent: row.afterevent ?? AFTER_EVENT_AUTO,
      folder: row.dirname,
      tags: row.tags,
      alwaysZap: row.always_zap,
      fileName: row.filename,
    }),
  )
  .refine((row) => row.beginSeconds > 0 && row.endSeconds >= row.beginSeconds);

export const timersSchema = z.object({ timers: looseList(timer) }).transform((answer): BoxTimer[] => answer.timers);

export const playableSchema = z
  .object({ service: z.object({ isplayable: looseBoolean }) })
  .transform((answer): boolean => answer.service.isplayable);

export const commandSchema = z.object({ result: looseBoolean, message: looseLine });

/** What every JSON answer may carry instead of its content: a refusal with HTTP status 200. */
export const refusalSchema = z.object({
  result: z.literal(false),
  exception: looseLine,
  message: looseLine,
});
