import { readFile, stat } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { request } from 'undici';
import { XgError } from '#shared/errors.ts';
import { imageType } from '../../receiver/image-type.ts';
import type { Picon } from '../../receiver/model.ts';

export const OWN_LOGOS_FOLDER = 'own-logos';
export const MAX_LOGO_BYTES = 512 * 1024;
const TIMEOUT_MS = 10_000;
const MAX_REDIRECTS = 3;

/**
 * The logo that somebody set for a channel: an http(s) URL, an absolute path, or the name of a file in `folder`. Null
 * when there is none, it is no picture or larger than 512 KiB.
 *
 * @throws what fetching or reading threw for any other reason.
 */
export async function readOwnLogo(logo: string, folder: string): Promise<Picon | null> {
  const bytes = /^https?:\/\//i.test(logo) ? await fetchLogo(logo) : await readLogoFile(logo, folder);
  const contentType = bytes === null ? null : imageType(bytes);
  return bytes === null || contentType === null ? null : { contentType, bytes };
}

async function readLogoFile(logo: string, folder: string): Promise<Buffer | null> {
  const path = isAbsolute(logo) ? logo : join(folder, logo.replaceAll('..', ''));
  const found = await stat(path).catch(() => null);
  if (found === null || !found.isFile() || found.size > MAX_LOGO_BYTES) return null;
  return readFile(path);
}

async function fetchLogo(address: string): Promise<Buffer | null> {
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  let url = new URL(address);
  for (let redirects = 0; ; redirects++) {
    const { statusCode, headers, body } = await request(url, { signal, headers: { accept: 'image/*' } });
    const location = [headers['location'] ?? []].flat()[0];
    if (statusCode >= 300 && statusCode < 400 && location !== undefined && redirects < MAX_REDIRECTS) {
      await body.dump();
      url = new URL(location, url);
      if (!/^https?:$/.test(url.protocol)) return null;
      continue;
    }
    if (statusCode === 404 || statusCode === 410) {
      await body.dump();
      return null;
    }
    if (statusCode !== 200) {
      await body.dump();
      throw new XgError('LOGO_FETCH', `${url.origin} answers with status ${statusCode}`);
    }
    const pieces: Buffer[] = [];
    let length = 0;
    for await (const piece of body as AsyncIterable<Buffer>) {
      length += piece.length;
      if (length > MAX_LOGO_BYTES) return null; // leaving the loop destroys the body
      pieces.push(piece);
    }
    return Buffer.concat(pieces, length);
  }
}
