import { z } from 'zod';

/** A guide's address with whatever it needs: a login, a query. */
const guideUrl = z.url({ protocol: /^https?$/ }).describe('an http or https URL of an XMLTV file');

const refresh = z
  .preprocess(
    (value) => {
      const match = /^(\d{1,7})\s*([smhd]?)$/.exec(String(value ?? '12h').trim());
      const unit = { s: 1, m: 60, h: 3600, d: 86_400 }[match?.[2] || 's'] ?? 1;
      return match === null ? value : Number(match[1]) * unit;
    },
    z
      .int()
      .min(600)
      .max(30 * 86_400),
  )
  .describe('a time from 10m to 30d, such as 12h');

const externalGuide = z
  .strictObject({
    url: guideUrl.optional(),
    file: z.string().regex(/^\/./).describe('an absolute path of an XMLTV file').optional(),
    refresh,
    /** `fill`: where the receiver has nothing; `replace`: instead of it; `enrich`: what the receiver's leave out. */
    mode: z.enum(['fill', 'replace', 'enrich']).default('fill').describe('one of fill, replace, enrich'),
    /** Channel id or name to the id in the XMLTV file. */
    channels: z
      .preprocess((value) => value ?? {}, z.record(z.string(), z.string()))
      .describe('ids of the XMLTV file by channel id or name'),
  })
  .refine(({ url, file }) => (url === undefined) !== (file === undefined))
  .transform(({ url = null, file = null, ...rest }) => ({ url, file, ...rest }))
  .describe('url or file, refresh, mode (fill, replace, enrich) and channels');

export const externalGuides = z
  .preprocess((value) => value ?? [], z.array(externalGuide).max(16))
  .describe('a list of XMLTV guides, each with url or file');

/** For people: a login or a key in an address is a secret. */
export function redactGuideUrl(url: string | null): string | null {
  const parsed = url === null ? null : URL.parse(url);
  if (parsed === null) return url;
  if (parsed.username !== '' || parsed.password !== '') {
    parsed.username = 'set';
    parsed.password = '';
  }
  if (parsed.search !== '') parsed.search = '?set';
  return parsed.href;
}
