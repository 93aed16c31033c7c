/** HLS of a loop for ever: media playlist of the last segments, cut at access points. Spec: RFC 8216. */
import { hasRandomAccessIndicator } from '#shared/mpegts/adaptation-field.ts';
import { PACKET_SIZE, pidAt } from '#shared/mpegts/packet.ts';
import { PID_PAT } from '#shared/mpegts/types.ts';
import { TICKS_PER_SECOND } from '../box/ticks.ts';
import { INTERNET_SERVICE } from '../lineup/internet.ts';
import type { PlayableLoop } from '../playout/playable-loop.ts';

export interface HlsOptions {
  readonly loop: PlayableLoop;
  readonly clock: () => number;
  readonly startPcr: number;
}

/** At least, each segment but perhaps the last of a turn. */
const SEGMENT_SECONDS = 2;
const WINDOW = 5;

interface Cut {
  /** Position in turn 0 of the segment's first packet. */
  readonly position: number;
  /** Positions of the last PAT and PMT before it; they lead the segment once more, as duplicates. */
  readonly pat: number;
  readonly pmt: number;
}

export class HlsPlaylists {
  readonly #options: HlsOptions;
  readonly #cuts: readonly Cut[];

  constructor(options: HlsOptions) {
    this.#options = options;
    this.#cuts = findCuts(options.loop);
  }

  master(): string {
    return [
      '#EXTM3U',
      '#EXT-X-VERSION:3',
      '#EXT-X-STREAM-INF:BANDWIDTH=3500000,CODECS="avc1.640020,mp4a.40.34"',
      'index.m3u8',
      '',
    ].join('\n');
  }

  media(): string {
    const last = this.#lastWhole();
    const first = Math.max(0, last - WINDOW + 1);
    const numbers = Array.from({ length: last - first + 1 }, (_, index) => first + index);
    const target = Math.max(SEGMENT_SECONDS, ...this.#cuts.map((_, index) => Math.round(this.#seconds(index))));
    return [
      '#EXTM3U',
      '#EXT-X-VERSION:3',
      `#EXT-X-TARGETDURATION:${target}`,
      `#EXT-X-MEDIA-SEQUENCE:${first}`,
      ...numbers.flatMap((number) => [`#EXTINF:${this.#seconds(number).toFixed(3)},`, `${number}.ts`]),
      '',
    ].join('\n');
  }

  /** Whether a segment is, or was lately, in the playlist. */
  has(number: number): boolean {
    const last = this.#lastWhole();
    return number <= last && number > last - 2 * WINDOW && number >= 0;
  }

  segment(number: number): Buffer {
    const { loop, startPcr } = this.#options;
    const turn = this.#turnOf(number) * loop.count;
    const cut = this.#cutOf(number);
    const read = (from: number, to: number): Buffer => loop.read(turn + from, turn + to, startPcr, Date.now() / 1000);
    return Buffer.concat([
      read(cut.pat, cut.pat + 1),
      read(cut.pmt, cut.pmt + 1),
      read(cut.position, this.#start(number + 1) - turn),
    ]);
  }

  /** The last segment whose packets have all been on the air; −1 for none. */
  #lastWhole(): number {
    const { loop, clock } = this.#options;
    const now = clock();
    let number = Math.floor(now / loop.timeAt(loop.count)) * this.#cuts.length;
    while (loop.timeAt(this.#start(number + 1)) <= now) number++;
    return number - 1;
  }

  #seconds(number: number): number {
    const { loop } = this.#options;
    return (loop.timeAt(this.#start(number + 1)) - loop.timeAt(this.#start(number))) / TICKS_PER_SECOND;
  }

  #start(number: number): number {
    return this.#turnOf(number) * this.#options.loop.count + this.#cutOf(number).position;
  }

  #turnOf(number: number): number {
    return Math.floor(number / this.#cuts.length);
  }

  #cutOf(number: number): Cut {
    const cut = this.#cuts[number % this.#cuts.length];
    if (cut === undefined) throw new Error(`segment ${number} has no cut`);
    return cut;
  }
}

/** @throws Error when the loop has no access point */
function findCuts(loop: PlayableLoop): Cut[] {
  const { video, pmtPid } = INTERNET_SERVICE.media;
  const bytes = loop.read(0, loop.count, 0, 0);
  const cuts: Cut[] = [];
  let pat: number | null = null;
  let pmt: number | null = null;
  for (let position = 0; position < loop.count; position++) {
    const offset = position * PACKET_SIZE;
    const pid = pidAt(bytes, offset);
    if (pid === PID_PAT) pat = position;
    else if (pid === pmtPid) pmt = position;
    if (pid !== video?.pid || !hasRandomAccessIndicator(bytes, offset) || pat === null || pmt === null) continue;
    const since = loop.timeAt(position) - loop.timeAt(cuts.at(-1)?.position ?? position);
    if (cuts.length === 0 || since >= SEGMENT_SECONDS * TICKS_PER_SECOND) cuts.push({ position, pat, pmt });
  }
  if (cuts.length === 0) throw new Error(`${INTERNET_SERVICE.name} has no access point to cut HLS segments at`);
  return cuts;
}
