/**
 * Makes the media of all demo services: `node build.ts <directory>`. A process of its own, because encoding takes its
 * thread for long. Says on stdout how far it is, one JSON line a step: `{"fraction":0.5,"what":"…"}`.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AV_LOG_FATAL } from 'node-av/constants';
import { Log } from 'node-av/lib';
import { type AudioId, SERVICES, type VideoId } from '../lineup/services.ts';
import { encodeAudio } from './audio-encoder.ts';
import { muxService } from './mux.ts';
import { type AccessUnit, LOOP_FRAMES } from './timing.ts';
import { encodeVideo } from './video-encoder.ts';

/** Shares of the whole work, measured. */
const VIDEO_WORK: Readonly<Record<VideoId, number>> = {
  'h264-576p': 18,
  'h264-1080i': 32,
  'mpeg2-576i': 18,
  'hevc-540p': 36,
};
const AUDIO_WORK = 2;
const MUX_WORK = 3;

async function build(directory: string): Promise<void> {
  Log.setLevel(AV_LOG_FATAL);
  const playable = SERVICES.filter((service) => service.reception !== 'never');
  const videoIds = [
    ...new Set(playable.flatMap((service) => (service.media.video === null ? [] : [service.media.video.id]))),
  ];
  const audioIds = [...new Set(playable.flatMap((service) => service.media.audio.map((track) => track.id)))];
  const total =
    videoIds.reduce((sum, id) => sum + VIDEO_WORK[id], 0) + audioIds.length * AUDIO_WORK + playable.length * MUX_WORK;
  let done = 0;
  let lastPercent = -1;
  const say = (what: string, extra = 0): void => {
    const fraction = Math.min(1, (done + extra) / total);
    const percent = Math.floor(fraction * 100);
    if (percent === lastPercent) return;
    lastPercent = percent;
    process.stdout.write(`${JSON.stringify({ fraction, what })}\n`);
  };

  const audio = new Map<AudioId, AccessUnit[]>();
  for (const id of audioIds) {
    audio.set(id, encodeAudio(id));
    done += AUDIO_WORK;
    say(`sound ${id}`);
  }
  const video = new Map<VideoId, AccessUnit[]>();
  for (const id of videoIds) {
    const units = encodeVideo(id, (frames) => say(`pictures ${id}`, (VIDEO_WORK[id] * frames) / LOOP_FRAMES));
    video.set(id, units);
    done += VIDEO_WORK[id];
  }
  for (const service of playable) {
    const loop = muxService(service, {
      video: (id) => video.get(id) ?? [],
      audio: (id) => audio.get(id) ?? [],
    });
    const name = service.sid.toString(16);
    await writeFile(join(directory, `${name}.ts`), loop.bytes);
    await writeFile(join(directory, `${name}.times`), Buffer.from(loop.times.buffer));
    done += MUX_WORK;
    say(`channel ${service.name}`);
  }
}

const directory = process.argv[2];
if (directory === undefined) throw new Error('usage: node build.ts <directory>');
await build(directory);
