/**
 * Messages of the control socket: net-ipc requests with messagepack. Each is `{ method, params }`, each answer
 * `{ ok: true, result }` or `{ ok: false, code, message }`. Both ends check both with these schemas.
 */
import { z } from 'zod';
import { cardMakeResultSchema, cardMakeSchema } from './card.ts';

export const CONTROL_PROTOCOL_VERSION = 1;

/** What the transcoder may be told to encode AAC with. `auto`: its own where the bit rate is ample, else FFmpeg's best. */
export const AAC_ENCODER_CHOICES = ['auto', 'xg2g', 'libfdk_aac', 'aac'] as const;
export type AacEncoderChoice = (typeof AAC_ENCODER_CHOICES)[number];

export const audioProfileSchema = z.strictObject({
  /**
   * - `aac`: every audio track becomes AAC
   * - `aac-first`: AC-3 and E-AC-3 tracks are there twice, as AAC in front and as they came behind
   * - `pass`: tracks stay as they are
   */
  mode: z.enum(['aac', 'aac-first', 'pass']),
  /** Bits per second of a stereo track; 5.1 takes more in proportion. */
  bitrate: z.number().int().min(32_000).max(512_000),
  /** `stereo` mixes down, `source` keeps up to 5.1. */
  channels: z.enum(['stereo', 'source']),
  /** The one track to keep, by ISO 639-2 code: `deu`, or `deu-ad` for its audio description. Null keeps all. */
  language: z
    .string()
    .regex(/^[a-z]{3}(-ad)?$/)
    .nullable(),
  /** Brings every programme to −23 LUFS (EBU R 128). */
  loudness: z.boolean(),
  /** Night mode: quiet up, loud down. */
  night: z.boolean(),
});
export type AudioProfile = z.infer<typeof audioProfileSchema>;

export const sessionOpenSchema = z.strictObject({
  id: z.string().min(1).max(64),
  /** program_number to keep; null takes the first programme of the PAT. */
  program: z.number().int().min(1).max(0xffff).nullable(),
  audio: audioProfileSchema,
  /** W3C trace context, handed through to log lines. */
  traceparent: z.string().max(128).nullable(),
});
export type SessionOpen = z.infer<typeof sessionOpenSchema>;

export const controlRequestSchema = z.discriminatedUnion('method', [
  z.strictObject({
    method: z.literal('hello'),
    params: z.strictObject({ version: z.number().int(), build: z.string().max(64) }),
  }),
  z.strictObject({ method: z.literal('capabilities'), params: z.strictObject({}) }),
  z.strictObject({ method: z.literal('session.open'), params: sessionOpenSchema }),
  z.strictObject({ method: z.literal('session.close'), params: z.strictObject({ token: z.string().max(128) }) }),
  z.strictObject({ method: z.literal('card.make'), params: cardMakeSchema }),
  z.strictObject({ method: z.literal('stats'), params: z.strictObject({}) }),
  z.strictObject({ method: z.literal('health'), params: z.strictObject({}) }),
]);
export type ControlRequest = z.infer<typeof controlRequestSchema>;
export type ControlMethod = ControlRequest['method'];

export const helloResultSchema = z.object({ version: z.number().int(), build: z.string(), pid: z.number().int() });
export const capabilitiesResultSchema = z.object({
  decoders: z.array(z.string()),
  encoders: z.array(z.string()),
  aacEncoder: z.enum(AAC_ENCODER_CHOICES),
});
export const sessionOpenResultSchema = z.object({ token: z.string().min(1).max(128) });
export const sessionCloseResultSchema = z.object({ closed: z.boolean() });

export const sessionStatsSchema = z.object({
  id: z.string(),
  state: z.string(),
  bytesIn: z.number(),
  bytesOut: z.number(),
  framesDecoded: z.number(),
  framesEncoded: z.number(),
  /** Seconds of CPU-bound work spent on this session's packets. */
  busySeconds: z.number(),
  /** Counters by kind, such as `continuity` or `decode`. */
  errors: z.record(z.string(), z.number()),
});
export type SessionStats = z.infer<typeof sessionStatsSchema>;

export const statsResultSchema = z.object({
  uptimeSeconds: z.number(),
  cpuSeconds: z.number(),
  memoryBytes: z.number(),
  eventLoopDelayMs: z.number(),
  sessionsOpened: z.number(),
  bytesProcessed: z.number(),
  sessions: z.array(sessionStatsSchema),
});
export type TranscoderStats = z.infer<typeof statsResultSchema>;
export const healthResultSchema = z.object({ status: z.literal('ok'), sessions: z.number() });

/** The schema of each method's `result`. */
export const controlResultSchemas = {
  hello: helloResultSchema,
  capabilities: capabilitiesResultSchema,
  'session.open': sessionOpenResultSchema,
  'session.close': sessionCloseResultSchema,
  'card.make': cardMakeResultSchema,
  stats: statsResultSchema,
  health: healthResultSchema,
} as const satisfies Record<ControlMethod, z.ZodType>;

export type ControlParams<M extends ControlMethod> = Extract<ControlRequest, { method: M }>['params'];
export type ControlResult<M extends ControlMethod> = z.infer<(typeof controlResultSchemas)[M]>;

export const controlResponseSchema = z.discriminatedUnion('ok', [
  z.object({ ok: z.literal(true), result: z.unknown() }),
  z.object({ ok: z.literal(false), code: z.string(), message: z.string() }),
]);
export type ControlResponse = z.infer<typeof controlResponseSchema>;

/** INFO, from the transcoder: what it found and decided. */
export const streamInfoSchema = z.object({
  program: z.number().int(),
  tracks: z.array(
    z.object({
      pid: z.number().int(),
      codec: z.string(),
      /** `add`: passes, and is there as AAC on `addedPid` besides. */
      action: z.enum(['pass', 'aac', 'add', 'drop']),
      addedPid: z.number().int().nullable(),
      language: z.string().nullable(),
      /** Of audio tracks: `main`, `audio-description`, `hearing-impaired`, `spoken-subtitles`. */
      role: z.string().nullable(),
    }),
  ),
});
export type StreamInfo = z.infer<typeof streamInfoSchema>;

/** ERROR, in both directions: the connection closes after it. */
export const streamErrorSchema = z.object({ code: z.string(), message: z.string() });
export type StreamError = z.infer<typeof streamErrorSchema>;

export type ReadMessage<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problem: string };

/**
 * What came over a socket, by its schema; never throws. zod itself does where a string is expected and an object comes
 * whose `length` cannot be compared.
 */
export function readMessage<T>(schema: z.ZodType<T>, message: unknown): ReadMessage<T> {
  try {
    const parsed = schema.safeParse(message);
    if (parsed.success) return { ok: true, value: parsed.data };
    const issue = parsed.error.issues[0];
    const where = issue === undefined || issue.path.length === 0 ? 'message' : issue.path.join('.');
    return { ok: false, problem: `${where}: ${issue?.message ?? 'not understood'}` };
  } catch {
    return { ok: false, problem: 'message: not understood' }; // see above
  }
}
