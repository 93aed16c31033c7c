import { z } from 'zod';
import { XgError } from '#shared/errors.ts';
import { AAC_ENCODER_CHOICES, type AacEncoderChoice } from '#shared/ipc/control.ts';
import { LOG_LEVELS, type LogLevel } from '#shared/observability/logger.ts';

export interface TranscoderEnvironment {
  readonly transcoderUrl: string;
  readonly logLevel: LogLevel;
  readonly audioEncoder: AacEncoderChoice;
}

const schema = z.object({
  XG2G_TRANSCODER_URL: z.string().default('unix:/run/xg2g'),
  XG2G_LOG_LEVEL: z.enum(LOG_LEVELS).default('info'),
  XG2G_TRANSCODER_AAC_ENCODER: z.enum(AAC_ENCODER_CHOICES).default('auto'),
});

/** @throws XgError `BAD_ENVIRONMENT` that names the variable and what it may be. */
export function readEnvironment(environment: NodeJS.ProcessEnv): TranscoderEnvironment {
  const parsed = schema.safeParse(environment);
  if (!parsed.success) {
    const problems = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; ');
    throw new XgError('BAD_ENVIRONMENT', problems);
  }
  return {
    transcoderUrl: parsed.data.XG2G_TRANSCODER_URL,
    logLevel: parsed.data.XG2G_LOG_LEVEL,
    audioEncoder: parsed.data.XG2G_TRANSCODER_AAC_ENCODER,
  };
}
