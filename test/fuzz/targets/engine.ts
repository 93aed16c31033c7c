import { type AudioProfile, audioProfileSchema } from '#shared/ipc/control.ts';
import { PacketSync } from '#shared/mpegts/packet-sync.ts';
import { RemuxEngine } from '#transcoder/remux/engine.ts';
import { mutatedStream } from '../mutations/mutate.ts';
import { OutputCheck } from '../output-check.ts';
import { Random } from '../random.ts';
import { type FuzzInput, type FuzzOutcome, type FuzzTarget, mustHold } from '../target.ts';

interface EngineCase {
  readonly profile: Partial<AudioProfile>;
  readonly encoder: 'libfdk_aac' | 'aac';
  readonly program: number | null;
  /** Of sizes of the pieces it comes in, and of interruptions. */
  readonly seed: number;
  readonly interrupted: boolean;
}

/**
 * The bound of the output. Passed packets are at most the input. A PCR may bring the tables forth, 13 packets at most
 * (PAT 1, PMT 6, SDT 6). A frame of sound may lie up to 2 s after the one before, which become silence: 4 s in AAC, since
 * a mode may have two of it, of up to 512 kbit/s per two channels of six, packetized. A packet may have all of this; in
 * practice the ratio stays under 5, and the run's summary says what the highest was.
 */
const MOST_PER_PACKET = 188 + 13 * 188 + (4 * 512_000 * 3 * 1.2) / 8;
const CONSTANT = 512 * 1024;

const BITRATES = [32_000, 64_000, 128_000, 192_000, 256_000, 320_000, 512_000] as const;
/** Services of the built programmes, and some that are in captures. */
const PROGRAMS = [null, null, null, 1, 0x0101, 0x283d, 0xffff] as const;

/** Crashers keep what they were found with; settings that came later have these. */
const PLAIN: AudioProfile = {
  mode: 'aac',
  bitrate: 192_000,
  channels: 'stereo',
  language: null,
  loudness: false,
  night: false,
};

function randomProfile(random: Random): AudioProfile {
  return audioProfileSchema.parse({
    mode: random.pick(['aac', 'aac', 'aac-first', 'pass']),
    bitrate: random.pick(BITRATES),
    channels: random.pick(['stereo', 'source']),
    language: random.pick([null, null, 'deu', 'eng', 'fra-ad']),
    loudness: random.chance(0.25),
    night: random.chance(0.25),
  });
}

/** PacketSync and RemuxEngine, as a session drives them. */
export const engineTarget: FuzzTarget = {
  name: 'engine',
  weight: 12,
  make(random, corpus): FuzzInput {
    const isNoise = random.chance(0.03);
    const options: EngineCase = {
      profile: randomProfile(random),
      encoder: random.pick(['libfdk_aac', 'aac']),
      program: random.pick(PROGRAMS),
      seed: random.word(),
      interrupted: random.chance(0.2),
    };
    const bytes = isNoise ? random.bytes(random.size(200_000)) : mutatedStream(random, corpus, 600_000);
    return { options: { ...options }, bytes };
  },
  run({ options, bytes }): FuzzOutcome {
    const { profile, encoder, program, seed, interrupted } = options as unknown as EngineCase;
    const random = new Random(seed);
    const check = new OutputCheck();
    const engine = new RemuxEngine({
      program,
      audio: { ...PLAIN, ...profile },
      encoder,
      onPackets: (packets) => check.output(packets),
      onInfo: (info) => check.info(info),
    });
    const sync = new PacketSync({
      onPackets: (run, from, to) => {
        check.input(run.subarray(from, to));
        engine.push(run, from, to);
      },
    });
    const piece = random.pick([188, 1316, 8_192, 65_536, 65_536]);
    try {
      for (let at = 0; at < bytes.length; ) {
        const to = Math.min(bytes.length, at + random.between(1, piece * 2));
        const chunk = Buffer.from(bytes.subarray(at, to)); // copy: see below
        sync.push(chunk);
        chunk.fill(0x47); // what was pushed may be written again
        at = to;
        if (interrupted && random.chance(0.02)) {
          check.interruption();
          sync.reset();
          engine.discontinuity();
        }
      }
      sync.finish();
      engine.finish();
    } finally {
      engine.close();
      engine.close();
    }
    const stats = engine.stats();
    mustHold(stats.bytesIn === check.bytesIn, () => `bytesIn is ${stats.bytesIn}, ${check.bytesIn} went in`);
    mustHold(stats.bytesOut === check.bytesOut, () => `bytesOut is ${stats.bytesOut}, ${check.bytesOut} came out`);
    const bound = (check.bytesIn / 188) * MOST_PER_PACKET + CONSTANT;
    mustHold(check.bytesOut <= bound, () => `${check.bytesOut} bytes out of ${check.bytesIn} in`);
    check.judge();
    return { bytesOut: check.bytesOut };
  },
};
