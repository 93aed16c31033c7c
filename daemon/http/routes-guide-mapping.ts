import type { IncomingMessage } from 'node:http';
import type { Router } from '@koa/router';
import { z } from 'zod';
import { XgError } from '#shared/errors.ts';
import type { ExternalGuides, MappingChoice } from '../guide/external/external-guides.ts';

export type MappingView = Pick<ExternalGuides, 'mapping' | 'choose'>;

const MAX_BODY_BYTES = 1_048_576;

/** Ids by channel: an id of the guide, null for none of it, `"auto"` to have it found again. */
const choice = z.strictObject({
  source: z.string().optional(),
  channels: z.record(z.string(), z.string().min(1).max(512).nullable()),
});

/** `/api/v1/guide/mapping`: which channel has which counterpart in external guides, and how sure that is. */
export function mountGuideMapping(router: Router, guides: MappingView): void {
  router.get('/api/v1/guide/mapping', (ctx) => {
    ctx.set('Cache-Control', 'no-store');
    ctx.body = guides.mapping;
  });
  router.put('/api/v1/guide/mapping', async (ctx) => {
    const { source = null, channels } = parseChoice(await readBody(ctx.req));
    const entries = Object.entries(channels).map(([id, xmltvId]): [string, MappingChoice] => [
      id,
      xmltvId === 'auto' ? undefined : xmltvId,
    ]);
    guides.choose(source, new Map(entries));
    ctx.set('Cache-Control', 'no-store');
    ctx.status = 202; // the guide is read again for it
    ctx.body = guides.mapping;
  });
}

function parseChoice(text: string): z.output<typeof choice> {
  const wanted =
    'The body has to be JSON such as {"source": "https://…/guide.xml.gz", "channels": {"<channel id>": "<xmltv id>"}}';
  try {
    return choice.parse(JSON.parse(text));
  } catch (error) {
    throw new XgError('GUIDE_MAPPING', wanted, { cause: error });
  }
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request) {
    length += (chunk as Buffer).length;
    if (length > MAX_BODY_BYTES)
      throw new XgError('GUIDE_MAPPING_SIZE', `The body is larger than ${MAX_BODY_BYTES} bytes`);
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks).toString('utf8');
}
