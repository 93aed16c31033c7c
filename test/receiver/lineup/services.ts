import { NAMESPACE_19E2, serviceRef, transponderKey } from './service-ref.ts';

/** What a video PID carries. All are 25 pictures a second; `*i` are coded as fields. */
export type VideoId = 'h264-576p' | 'h264-1080i' | 'mpeg2-576i' | 'hevc-540p';
/** What an audio PID carries; the number is the pitch of its beep in Hz. */
export type AudioId = 'mp2-1000' | 'mp2-1500' | 'ac3-51-1000' | 'ac3-20-1000' | 'eac3-20-1000' | 'latm-1000';

export interface AudioTrack {
  readonly id: AudioId;
  readonly pid: number;
  /** ISO 639-2. */
  readonly language: string;
  readonly audioType?: 'visual-impaired-commentary';
}

export interface ServiceMedia {
  readonly pmtPid: number;
  readonly video: { readonly id: VideoId; readonly pid: number } | null;
  readonly audio: readonly AudioTrack[];
  readonly teletextPid?: number;
  readonly subtitlePid?: number;
  /** Audio frames run across PES borders, and several lie in one PES. */
  readonly audioAcrossPes?: true;
  readonly randomAccessIndicator?: true;
}

export interface Transponder {
  readonly name: string;
  readonly tsid: number;
  readonly onid: number;
  readonly namespace: number;
  readonly key: string;
}

export interface DemoService {
  readonly ref: string;
  /** As the box sends it: not escaped. */
  readonly name: string;
  readonly provider: string;
  readonly sid: number;
  readonly stype: number;
  readonly transponder: Transponder;
  readonly media: ServiceMedia;
  /** `scrambled`: clear through the relay only. `never`: no lock, ever. */
  readonly reception: 'clear' | 'scrambled' | 'never';
  /** Some services have no EPG at all. */
  readonly epg: 'full' | 'none';
}

function transponder(name: string, tsid: number, onid: number): Transponder {
  const triplet = { tsid, onid, namespace: NAMESPACE_19E2 };
  return { name, ...triplet, key: transponderKey(triplet) };
}

/** Names after their frequency in MHz. */
export const TRANSPONDERS = {
  t11494: transponder('11494 H', 0x3fb, 1),
  t11362: transponder('11362 H', 0x3f3, 1),
  t11837: transponder('11837 H', 0x44d, 1),
  t12188: transponder('12188 H', 0x441, 1),
  t12460: transponder('12460 H', 0x455, 0x85),
} as const;

type Row = Pick<DemoService, 'name' | 'provider' | 'sid' | 'stype' | 'transponder' | 'media'> &
  Partial<Pick<DemoService, 'reception' | 'epg'>>;

const mp2 = (pid: number, language = 'deu'): AudioTrack => ({ id: 'mp2-1000', pid, language });
const mp2Second = (pid: number, language = 'eng'): AudioTrack => ({ id: 'mp2-1500', pid, language });

const ROWS: readonly Row[] = [
  {
    name: 'Das Erste Übung HD',
    provider: 'ARD',
    sid: 0x283d,
    stype: 0x19,
    transponder: TRANSPONDERS.t11494,
    media: {
      pmtPid: 5100,
      video: { id: 'h264-576p', pid: 5101 },
      audio: [mp2(5102)],
      audioAcrossPes: true,
      randomAccessIndicator: true,
    },
  },
  {
    name: 'Süd & West HD',
    provider: 'ARD',
    sid: 0x2840,
    stype: 0x19,
    transponder: TRANSPONDERS.t11494,
    media: {
      pmtPid: 5200,
      video: { id: 'h264-576p', pid: 5201 },
      audio: [mp2(5202), { ...mp2Second(5203, 'mis'), audioType: 'visual-impaired-commentary' }],
      teletextPid: 5204,
      subtitlePid: 5205,
    },
  },
  {
    name: 'Testbild "Eins"',
    provider: 'ARD',
    sid: 0x2841,
    stype: 0x19,
    transponder: TRANSPONDERS.t11494,
    media: {
      pmtPid: 5300,
      video: { id: 'h264-576p', pid: 5301 },
      audio: [{ id: 'latm-1000', pid: 5302, language: 'deu' }],
    },
  },
  {
    name: 'Kino²Welt HD',
    provider: 'ZDFvision',
    sid: 0x2b66,
    stype: 0x19,
    transponder: TRANSPONDERS.t11362,
    media: {
      pmtPid: 6100,
      video: { id: 'h264-1080i', pid: 6110 },
      audio: [{ id: 'ac3-51-1000', pid: 6120, language: 'deu' }, mp2Second(6130)],
      randomAccessIndicator: true,
    },
  },
  {
    name: 'Dokumentation, Natur HD',
    provider: 'ZDFvision',
    sid: 0x2b70,
    stype: 0x19,
    transponder: TRANSPONDERS.t11362,
    media: {
      pmtPid: 6200,
      video: { id: 'h264-1080i', pid: 6210 },
      audio: [mp2(6220), { id: 'ac3-51-1000', pid: 6222, language: 'deu' }],
      teletextPid: 6230,
    },
  },
  {
    name: 'Bühne UHD',
    provider: 'ZDFvision',
    sid: 0x2b7a,
    stype: 0x1f,
    transponder: TRANSPONDERS.t11362,
    media: {
      pmtPid: 6300,
      video: { id: 'hevc-540p', pid: 6310 },
      audio: [{ id: 'eac3-20-1000', pid: 6320, language: 'deu' }],
    },
  },
  {
    name: 'Klassik SD',
    provider: 'ARD',
    sid: 0x6dca,
    stype: 0x1,
    transponder: TRANSPONDERS.t11837,
    media: {
      pmtPid: 100,
      video: { id: 'mpeg2-576i', pid: 101 },
      audio: [mp2(102), mp2Second(103, 'fra')],
      teletextPid: 104,
    },
  },
  {
    name: "Regional <Nord> 'Platt'",
    provider: 'ARD',
    sid: 0x6dcb,
    stype: 0x1,
    transponder: TRANSPONDERS.t11837,
    media: { pmtPid: 200, video: { id: 'mpeg2-576i', pid: 201 }, audio: [mp2(202)] },
  },
  {
    name: 'Radio Ödland',
    provider: 'ARD',
    sid: 0x6e10,
    stype: 0x2,
    transponder: TRANSPONDERS.t11837,
    media: { pmtPid: 300, video: null, audio: [mp2(301)] },
  },
  {
    name: 'Klangwelle 5.1',
    provider: 'ARD',
    sid: 0x6e11,
    stype: 0x2,
    transponder: TRANSPONDERS.t11837,
    media: { pmtPid: 400, video: null, audio: [{ id: 'ac3-20-1000', pid: 401, language: 'deu' }] },
  },
  {
    name: 'Privat TV HD',
    provider: 'Commercial GmbH & Co. KG',
    sid: 0x2ee3,
    stype: 0x19,
    transponder: TRANSPONDERS.t12188,
    media: {
      pmtPid: 7100,
      video: { id: 'h264-576p', pid: 7101 },
      audio: [{ id: 'ac3-20-1000', pid: 7102, language: 'deu' }],
    },
  },
  {
    name: 'Ohne Programmführer',
    provider: 'Commercial GmbH & Co. KG',
    sid: 0x2ee4,
    stype: 0x16,
    transponder: TRANSPONDERS.t12188,
    media: { pmtPid: 7200, video: { id: 'h264-576p', pid: 7201 }, audio: [mp2(7202)] },
    epg: 'none',
  },
  {
    name: 'Stiller Transponder HD',
    provider: 'Commercial GmbH & Co. KG',
    sid: 0x2eea,
    stype: 0x19,
    transponder: TRANSPONDERS.t12188,
    media: { pmtPid: 7300, video: { id: 'h264-576p', pid: 7301 }, audio: [mp2(7302)] },
    reception: 'never',
    epg: 'none',
  },
  {
    name: 'Schlüssel Kino HD',
    provider: 'Pay TV',
    sid: 0xef,
    stype: 0x19,
    transponder: TRANSPONDERS.t12460,
    media: {
      pmtPid: 96,
      video: { id: 'h264-576p', pid: 1791 },
      audio: [{ id: 'ac3-51-1000', pid: 1795, language: 'deu' }],
    },
    reception: 'scrambled',
  },
  {
    name: 'Schaufenster – frei',
    provider: 'Pay TV',
    sid: 0xf1,
    stype: 0x19,
    transponder: TRANSPONDERS.t12460,
    media: {
      pmtPid: 97,
      video: { id: 'h264-576p', pid: 1801 },
      audio: [mp2(1802), mp2Second(1803)],
      audioAcrossPes: true,
    },
  },
];

export const SERVICES: readonly DemoService[] = ROWS.map((row) => ({
  ref: serviceRef(row.stype, { sid: row.sid, ...row.transponder }),
  reception: 'clear',
  epg: 'full',
  ...row,
}));

export const isRadio = (service: DemoService): boolean => service.stype === 0x2 || service.stype === 0xa;

const BY_REF = new Map(SERVICES.map((service) => [service.ref, service]));

export function serviceByRef(canonical: string): DemoService | null {
  return BY_REF.get(canonical) ?? null;
}

/** @throws Error when the demo lineup has no service of that name. */
export function serviceByName(name: string): DemoService {
  const found = SERVICES.find((service) => service.name === name);
  if (found === undefined) throw new Error(`the demo lineup has no service "${name}"`);
  return found;
}
